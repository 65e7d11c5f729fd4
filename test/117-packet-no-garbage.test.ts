import t from 'tap';
import { runNode } from './child';

/** Runs `loop` (one packet, number `k`) 3 million times after warming up; returns the collections meanwhile. */
async function collections(setup: string, loop: string): Promise<string[]> {
  const code = `
    const memory = new Uint8Array(1 << 20), view = new DataView(memory.buffer);
    const frames = new netmap.FrameReader(memory);
    const frame = netmap.udpFrame();
    const stamp = new netmap.SequenceStamp(frame, { stream: 5 });
    for (let offset = 0; offset < memory.length; offset += 2048) memory.set(frame, offset);
    ${setup}
    function run(from, to) { for (let k = from; k < to; k++) { const offset = (k & 511) << 11; ${loop} } }
    run(0, 1e6);
    console.log('START');
    run(1e6, 4e6);
    console.log('END');`;
  const { stdout, stderr, code: exit } = await runNode(code, ['--trace-gc']);
  if (exit !== 0) throw new Error(stderr);
  const during = stdout.slice(stdout.indexOf('START'), stdout.indexOf('END'));
  return during.split('\n').filter((line) => /Scavenge|Mark/.test(line));
}

t.test('numbering frames, verifying them and following their numbers makes no garbage', async (t) => {
  const found = await collections(
    `const checker = new netmap.SequenceChecker(); let bad = 0;`,
    `stamp.write(view, offset, k);
     if (frames.verify(offset, 60) === 'valid') checker.addFrame(frames, offset, 60); else bad++;`,
  );
  t.strictSame(found, []);
});

t.test('nor do losses, late packets and duplicates', async (t) => {
  const found = await collections(
    `const tracker = new netmap.SequenceTracker();`,
    `tracker.add(k % 10 === 3 ? k - 5 : k % 7 === 0 ? k + 3 : k);`,
  );
  t.strictSame(found, []);
});

t.test('nor do checksums', async (t) => {
  const found = await collections(
    `const { internetChecksum, updateChecksum32 } = netmap; let sum = 0;`,
    `sum = updateChecksum32((sum + internetChecksum(memory, offset, 60)) & 0xffff, k, k + 1);`,
  );
  t.strictSame(found, []);
});
