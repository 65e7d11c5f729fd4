import { vale } from './folder';
import { Emulation, Emulator, open, type EmulationOptions } from 'node-netmap';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { root } from './child';
import { frame, range } from './support/numbered-frames';
import { receive, send } from './support/whole-frames';

/** Cores that this process may run on. */
const cores = readStatus('self').flatMap((range) => {
  const [first, last = first] = range.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, k) => first + k);
});

function readStatus(thread: string): string[] {
  const status = readFileSync(`/proc/self/task/${thread === 'self' ? process.pid : thread}/status`, 'latin1');
  return /^Cpus_allowed_list:\s*(\S+)/m.exec(status)![1].split(',');
}

/** Threads of emulators: where they may run, and how. */
function threads() {
  return readdirSync('/proc/self/task')
    .map((id) => ({ id, stat: readFileSync(`/proc/self/task/${id}/stat`, 'latin1') }))
    .filter(({ stat }) => stat.includes('(netmap-emulate)'))
    .map(({ id, stat }) => {
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // from the third on, see proc(5)
      return { cores: readStatus(id), priority: Number(fields[40 - 3]), policy: Number(fields[41 - 3]) };
    });
}

async function untilThreads(count: number) {
  for (;;) {
    const found = threads();
    if (found.length === count) return found;
    await new Promise((next) => setTimeout(next, 1));
  }
}

/** An emulator between two ports that are open twice, each half for itself. */
function lab(t: Test, name: string, options: EmulationOptions) {
  const halves = [vale(name), vale(name).replace(':', 'x:')].map((port) => ({
    rx: open(port, { rxOnly: true }),
    tx: open(port, { txOnly: true }),
  }));
  const far = halves.map(({ rx }) => open(rx.name.replace(/:.*/, ':far')));
  const emulator = new Emulator('pipe 1 config delay 1ms\nadd pipe 1 ip from any to any');
  t.teardown(() => {
    for (const port of [...far, ...halves.flatMap(({ rx, tx }) => [rx, tx])]) port.close();
  });
  return { far, emulation: new Emulation(halves[0], halves[1], emulator, options) };
}

t.test('threads run on the cores that were named', async (t) => {
  const other = cores[cores.length - 1];
  for (const [k, options] of [
    { threads: 1 as const, cores: [other] },
    { threads: 2 as const, cores: [cores[0], other] },
    { threads: 2 as const, cores: [other] },
  ].entries()) {
    const { emulation } = lab(t, `c${k}`, options);
    const done = emulation.start();
    const found = (await untilThreads(options.threads)).map(({ cores }) => cores.join()).sort();
    const wanted = range(options.threads).map((n) => String(options.cores[n % options.cores.length]));
    t.strictSame(found, wanted.sort());
    emulation.stop();
    await done;
  }
});

t.test('one thread does both directions, which share their links', async (t) => {
  const { far, emulation } = lab(t, 'one', { threads: 1 });
  const done = emulation.start();
  await untilThreads(1);
  for (const [k, count] of [50, 30].entries()) {
    await send(
      far[k],
      range(count).map((n) => frame(n)),
    );
    t.equal((await receive(far[1 - k], count)).length, count);
  }
  t.match(emulation.stats(), {
    links: [{ number: 1, out: { packets: 80 } }],
    directions: [
      { direction: 'out', outPackets: 50, waiting: { packets: 0, bytes: 0 } },
      { direction: 'in', outPackets: 30 },
    ],
    pauses: [{ p50: Number, most: Number }],
  });
  emulation.stop();
  await done;
});

t.test('real-time priority, or why not', async (t) => {
  const { emulation } = lab(t, 'rt', { realtime: 3 });
  const done = emulation.start();
  const state = await Promise.race([done.catch((error: Error) => error), untilThreads(1)]);
  if (state instanceof Error) {
    t.match(state, {
      code: 'EPERM',
      message: /at real-time priority 3.*CAP_SYS_NICE, or a limit \(ulimit -r\) of at least 3/,
    });
  } else {
    t.match(state, [{ policy: 1, priority: 3 }]); // SCHED_FIFO
    emulation.stop();
    await done;
  }
});

const skip = spawnSync('taskset', ['--version']).status === 0 ? false : 'needs taskset';
t.test('who spins at real-time priority leaves a core to others', { skip }, (t) => {
  const spawned = spawnSync(
    'taskset',
    ['-c', String(cores[0]), process.execPath, join(root, 'lib/cli/main.js'), 'emulate'].concat(
      [vale('f'), vale('g').replace(':', 'x:')],
      ['--spin', '--realtime', '1'],
    ),
    { encoding: 'utf8', timeout: 20000 },
  );
  t.not(spawned.status, 0);
  t.match(spawned.stderr, /"options\.realtime" with spin takes every core that this process may run on/);
  t.end();
});

t.test('wrong values', (t) => {
  for (const realtime of [-1, 100, 1.5, '5']) {
    t.throws(() => lab(t, `w${String(realtime)}`.replace(/\W/g, ''), { realtime: realtime as number }), {
      message: /"options\.realtime"/,
    });
  }
  t.end();
});
