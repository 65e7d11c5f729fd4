import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { pipe, vale } from './folder';
import { open, type NetmapError, type Port, type PortOptions } from 'node-netmap';
import { skip as noKernel } from './support/kernel';

// What an ENOMEM of the kernel advises is done, and then the same open goes well.

const PARAMETERS = '/sys/module/netmap/parameters';

function locked(): string | false {
  try {
    accessSync(`${PARAMETERS}/ring_size`, constants.W_OK);
    return false;
  } catch {
    return `${PARAMETERS} cannot be written: that takes root`;
  }
}
const skip = noKernel || locked();

function attempt(name: string, options: PortOptions): Port | NetmapError {
  try {
    return open(name, { ...options, device: 'kernel' });
  } catch (error) {
    return error as NetmapError;
  }
}

/** Writes what the hint says; the end of the test takes it back. */
function follow(t: Test, hint: string): string[] {
  const advice = [...hint.matchAll(/write at least (\d+) to (\S+?)[;,]?(?= |$)/g)];
  for (const [, value, file] of advice) {
    const before = readFileSync(file, 'utf8');
    t.teardown(() => writeFileSync(file, before));
    writeFileSync(file, value);
  }
  return advice.map(([, , file]) => file.slice(PARAMETERS.length + 1));
}

const LONG = { txSlots: 4096, rxSlots: 4096 };

const CASES: { title: string; name: string; options: PortOptions; raised: string[] }[] = [
  { title: 'a null port with long rings', name: 'null:', options: LONG, raised: ['ring_size'] },
  { title: 'a switch port in region 1', name: vale('a'), options: { ...LONG, memId: 1 }, raised: ['ring_size'] },
  {
    title: 'many rings in region 1',
    name: 'null:',
    options: { txRings: 150, rxRings: 150, txSlots: 8, rxSlots: 8 },
    raised: ['if_size', 'ring_num'],
  },
  {
    title: 'many slots in region 1',
    name: 'null:',
    options: { txRings: 50, rxRings: 50, txSlots: 2048, rxSlots: 2048 },
    raised: ['buf_num'],
  },
  {
    title: 'a wide pipe',
    name: pipe('{'),
    options: { txRings: 16, rxRings: 16, txSlots: 64, rxSlots: 64 },
    raised: ['priv_ring_num'],
  },
];

for (const { title, name, options, raised } of CASES) {
  t.test(title, { skip }, async (t) => {
    const refusal = attempt(name, options);
    if (!('hint' in refusal)) {
      (refusal as Port).close();
      return t.fail('opened without more ado');
    }
    t.equal(refusal.code, 'ENOMEM', refusal.message);
    t.strictSame(follow(t, refusal.hint ?? ''), raised, refusal.message);
    // Region 1 is everybody's: it changes when nobody has it open.
    let opened = attempt(name, options);
    for (let turn = 0; turn < 50 && !('txSync' in opened); turn++) {
      await sleep(100);
      opened = attempt(name, options);
    }
    if (!('txSync' in opened)) return t.fail(opened.message);
    t.equal(opened.txRings[0].numSlots, options.txSlots);
    opened.close();
  });
}

t.test('a port that joins the memory of another', { skip }, async (t) => {
  const small = open(vale('a'), { device: 'kernel' });
  const refusal = attempt(vale('b'), { ...LONG, memId: small.memId });
  small.close();
  if (!('hint' in refusal)) return t.fail('opened without more ado');
  t.strictSame(follow(t, refusal.hint ?? ''), ['priv_ring_size'], refusal.message);
  const large = open(vale('a'), { device: 'kernel' });
  t.teardown(() => large.close());
  const joined = attempt(vale('b'), { ...LONG, memId: large.memId });
  if (!('txSync' in joined)) return t.fail(joined.message);
  t.equal(joined.rxRings[0].numSlots, 4096);
  joined.close();
});
