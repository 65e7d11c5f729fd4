// Upstream's link emulator and ours, with the same delay and bandwidth. tlem is no part of this package: NODE_NETMAP_UPSTREAM
// names the folder in which it was built; it runs on the engine.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { vale } from './folder';
import { open, ports } from 'node-netmap';
import { start as startTool } from './support/cli';
import { frame, numberOf, range } from './support/numbered-frames';
import { start as startProgram } from './support/run';
import { take } from './support/whole-frames';

const tlem = join(process.env.NODE_NETMAP_UPSTREAM ?? '', 'tlem');
const skip = !existsSync(tlem) && 'NODE_NETMAP_UPSTREAM does not name a folder with tlem';

const [COUNT, LENGTH] = [40, 1000];
const [DELAY, BANDWIDTH] = [20, 10e6];
/** ms that the bits of a frame take; both count preamble, checksum and gap. */
const WIRE = ((LENGTH + 24) * 8e3) / BANDWIDTH;

const inside = vale('in');
const outside = vale('out').replace(':', 'x:');

/** Sends all frames at once and returns when each arrived, in ms since. */
async function through(t: Test): Promise<number[]> {
  using near = open(inside.replace(/:.*/, ':near'));
  using far = open(outside.replace(/:.*/, ':far'));
  const sent = range(COUNT).map((k) => frame(k, 9, LENGTH));
  const times: number[] = [];
  const numbers: number[] = [];
  const begin = performance.now();
  for (const one of sent) near.inject(one);
  near.txSync();
  while (times.length < COUNT && performance.now() - begin < 10_000) {
    const now = performance.now() - begin;
    for (const one of take(far)) {
      times.push(now);
      numbers.push(numberOf(one));
    }
    await turn();
  }
  t.strictSame(numbers, range(COUNT), 'every frame, in order');
  return times;
}

function check(t: Test, name: string, times: readonly number[]): void {
  const due = times.map((_, k) => DELAY + (k + 1) * WIRE);
  const late = times.map((time, k) => time - due[k]).sort((a, b) => a - b);
  t.ok(late[0] >= -0.01, `${name}: none before its time, but ${late[0]} ms`);
  const rate = ((COUNT - 1) * WIRE) / (times[COUNT - 1] - times[0]);
  t.comment(`${name}: late by ${late[COUNT >> 1].toFixed(3)} ms (median), ${rate.toFixed(3)} of the bandwidth`);
}

t.test('tlem: as late as it was told', { skip }, async (t) => {
  const options = ['-D', `${DELAY}ms`, '-B', `ether,${BANDWIDTH}`, '-Q', '1M', '-w', '1'];
  // At real-time priority, which root has, it leaves a small machine nothing; and what is late by more than this is dropped.
  const calm = ['setpriv', '--bounding-set', '-sys_nice', '--'];
  const { child, ended } = startProgram(['--', ...calm, tlem, ...options, '-d', '10s', '-i', inside, '-i', outside]);
  try {
    while (child.exitCode === null && ![inside, outside].every((name) => ports().some((port) => port.name === name))) {
      await sleep(20);
    }
    // It asks for its ports, and takes a second before it looks at them.
    await sleep(2000);
    check(t, 'tlem', await through(t));
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
});

t.test('emulate: the same', { skip }, async (t) => {
  const link = ['--delay', `${DELAY}ms`, '--bandwidth', `${BANDWIDTH / 1e6}Mbit/s`, '--queue', '1000'];
  const emulator = await startTool(t, ['emulate', inside, outside, ...link, '--device', 'engine']);
  check(t, 'emulate', await through(t));
  t.match((await emulator.stop()).summary, { packets: COUNT, dropped: 0 });
});
