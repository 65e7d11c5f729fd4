import { pipe } from './folder';
import t from 'tap';
import { run, start } from './support/cli';

const CLEAN = { lost: 0, reordered: 0, duplicated: 0, corrupt: 0, unnumbered: 0, dropped: 0 };

t.test('a pipe loses nothing, however fast the generator', async (t) => {
  const sink = await start(t, ['sink', pipe('}'), '--check', '--count', '500k']);
  const sent = await run(t, ['generate', pipe('{'), '--count', '500k', '--json']);
  t.equal(sent.code, 0);
  t.match(sent.summary, { packets: 500000, pending: 0 });
  const { code, summary } = await sink.ended;
  t.equal(code, 0);
  t.match(summary, { packets: 500000, bytes: 500000 * 60, ...CLEAN });
});

t.test('a generator waits for a reader that comes later', async (t) => {
  const generator = await start(t, ['generate', pipe('{'), '--count', '5000']);
  await new Promise((later) => setTimeout(later, 300));
  const got = await run(t, ['sink', pipe('}'), '--check', '--count', '5000', '--json']);
  t.match(got.summary, { packets: 5000, ...CLEAN });
  const { code, summary } = await generator.ended;
  t.equal(code, 0);
  t.match(summary, { packets: 5000, pending: 0 });
});

t.test('a generator without a reader ends with its time and says what is left', async (t) => {
  const { code, summary } = await run(t, ['generate', pipe('{'), '--duration', '0.3', '--json']);
  t.equal(code, 0);
  t.match(summary, { packets: 1023, pending: 1023 });
  const { stdout } = await run(t, ['generate', pipe('{', '2'), '--duration', '0.3']);
  t.match(stdout, /1023 packets had not been read/);
});

t.test('frames over several slots', async (t) => {
  const sink = await start(t, ['sink', pipe('}'), '--check', '--count', '3000']);
  await run(t, ['generate', pipe('{'), '--count', '3000', '--length', '7000']);
  const { summary } = await sink.ended;
  t.match(summary, { packets: 3000, bytes: 3000 * 7000, ...CLEAN });
});

t.test('a name that begins with no interface', async (t) => {
  const sink = await start(t, ['sink', 'netmap:anything}7', '--count', '10']);
  await run(t, ['generate', 'netmap:anything{7', '--count', '10']);
  t.equal((await sink.ended).summary.packets, 10);
});
