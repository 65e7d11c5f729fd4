import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, Contestant } from '../benchmark';
import { root } from '../library';
import type { Session } from '../session';
import type { Child } from '../child';

const cli = join(root, 'lib', 'cli', 'main.js');

/** CPU time of all threads of a process so far, in ns. */
function cpuTime(pid: number): number {
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder).reduce(
    (sum, thread) => sum + Number(readFileSync(`${folder}/${thread}/schedstat`, 'latin1').split(' ')[0]),
    0,
  );
}

/** Seconds to watch for: what is done once a second has to be among it, unless only a short look is asked for. */
function windowOf(seconds: number): number {
  return seconds < 0.2 ? 0.1 : Math.max(seconds, 1.2);
}

async function start(mode: string | undefined, session: Session): Promise<Child> {
  const { b } = session.names('vale');
  if (mode === 'sink tool') {
    const sink = session.node([cli, 'sink', b, '--json']);
    await session.portExists(b);
    return sink;
  }
  const child = session.program('idle', { mode, b });
  await child.message('ready');
  return child;
}

const idle: Contestant = {
  name: 'node-netmap',
  async measure({ mode }, session) {
    const child = await start(mode, session);
    await sleep(1000 * session.warmUp);
    const from = performance.now();
    const before = cpuTime(child.pid);
    await sleep(1000 * windowOf(session.seconds));
    const spent = (cpuTime(child.pid) - before) / 1e6;
    const share = (100 * spent) / (performance.now() - from);
    await child.stop();
    return { cpu: share };
  },
};

export const idleCpu: Benchmark = {
  name: 'idle-cpu',
  what: 'a receiver that receives nothing: share of one core',
  figures: [{ name: 'cpu', unit: '%', main: true }],
  goals: [{ figure: 'cpu', atMost: 1, when: () => true }],
  cases: () => [{ mode: 'blocking' }, { mode: 'event loop' }, ...(existsSync(cli) ? [{ mode: 'sink tool' }] : [])],
  ours: idle,
  peers: [],
};
