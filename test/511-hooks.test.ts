import t from 'tap';
import './support/engine-folder';
import { Bridge, Capture, Distributor, Generator, open, Replay, Sink, type FrameHook } from 'node-netmap';

const [a, b] = [open('vale0:a'), open('vale1:a')];
t.teardown(() => [a, b].forEach((port) => port.close()));

/** Each app that shows frames to a hook, with one. */
const apps: Record<string, (hook: FrameHook) => unknown> = {
  Bridge: (hook) => new Bridge(a, b, { hook }),
  'Bridge, one of two': (hook) => new Bridge(a, b, { hook: [() => true, hook] }),
  Capture: (filter) => new Capture(a, { file: 'never', filter }),
  Distributor: (choose) => new Distributor(a, [b], { choose }),
  Generator: (hook) => new Generator(a, { hook }),
  'Generator, batches': (hook) => new Generator(a, { batchHook: hook as () => void }),
  Replay: (hook) => new Replay(a, { file: 'never', hook }),
  Sink: (hook) => new Sink(a, { hook }),
};

t.test('what is no hook is refused: an async function would speak when the frame is gone', async (t) => {
  for (const [name, make] of Object.entries(apps)) {
    const slow = (async () => false) as unknown as FrameHook;
    t.throws(() => make(slow), { name: 'TypeError', message: /must not be async: a frame stays/ }, name);
    if (name !== 'Capture') {
      t.throws(() => make(5 as unknown as FrameHook), { code: 'ERR_INVALID_ARG_TYPE', message: /a function/ }, name);
    }
  }
});
