import t from 'tap';
import { foldSum, internetChecksum, sumBytes, sumView, updateChecksum, updateChecksum32 } from 'node-netmap';
import { hex, plainChecksum } from './frames';
import { Random } from './random';

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

t.test('the example of RFC 1071, section 3', async (t) => {
  const bytes = hex('0001 f203 f4f5 f6f7');
  t.equal(sumBytes(bytes, 0, 8), 0xddf2);
  t.equal(sumView(view(bytes), 0, 8), 0xddf2);
  t.equal(internetChecksum(bytes), 0x220d);
  t.equal(foldSum(0x2ddf0), 0xddf2);
});

t.test('the example of RFC 1624, section 4', async (t) => {
  t.equal(updateChecksum(0xdd2f, 0x5555, 0x3285), 0x0000);
});

t.test('an IPv4 header', async (t) => {
  const header = hex('4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7');
  t.equal(internetChecksum(header), 0, 'with its checksum in it, the sum is complete');
  header.set([0, 0], 10);
  t.equal(internetChecksum(header), 0xb861);
});

t.test('edge cases', async (t) => {
  t.equal(internetChecksum(new Uint8Array(0)), 0xffff, 'nothing');
  t.equal(internetChecksum(hex('ab')), 0x54ff, 'an odd byte is the high half of a word');
  t.equal(internetChecksum(hex('ffff')), 0);
  t.equal(internetChecksum(hex('0000')), 0xffff);
  t.equal(internetChecksum(hex('0001 0002 0003'), 2, 2), 0xfffd, 'part of the memory');
  t.equal(internetChecksum(hex('0001'), 0, 2, 0x1fffe), 0xfffe, 'on top of another sum');
  t.equal(foldSum(0xffffffff), 0xffff);
  t.equal(foldSum(0), 0);
});

t.test('long ranges of the largest words neither overflow nor lose a carry', async (t) => {
  for (const length of [65534, 65536, 65537, 131072, 200001]) {
    const bytes = new Uint8Array(length).fill(0xff);
    const expected = plainChecksum(bytes);
    t.equal(internetChecksum(bytes), expected, `${length} bytes`);
    t.equal(~sumView(view(bytes), 0, length) & 0xffff, expected, `${length} bytes through a view`);
  }
});

t.test('random ranges of every alignment agree with the plain sum', async (t) => {
  const random = new Random(1071);
  const memory = random.bytes(4096);
  for (let round = 0; round < 4000; round++) {
    const offset = random.below(64);
    const length = random.below(round % 8 === 0 ? 3000 : 80);
    const expected = plainChecksum(memory.subarray(offset, offset + length));
    const got = internetChecksum(memory, offset, length);
    const gotView = ~sumView(view(memory), offset, length) & 0xffff;
    if (got !== expected || gotView !== expected) t.fail(`${offset}+${length}: ${expected} ${got} ${gotView}`);
  }
});

t.test('the incremental update equals a new sum', async (t) => {
  const random = new Random(1624);
  for (let round = 0; round < 4000; round++) {
    const bytes = random.bytes(20);
    bytes[0] |= 1; // a sum of nothing but zeros has two forms; no header is all zeros
    const before = internetChecksum(bytes);
    const at = 2 + 2 * random.below(8);
    const old = view(bytes).getUint32(at);
    const replacement = random.pick([random.u32(), 0, 0xffffffff, old]);
    view(bytes).setUint32(at, replacement);
    const expected = internetChecksum(bytes);
    const once = updateChecksum32(before, old, replacement);
    const signed = updateChecksum32(before, old | 0, replacement | 0);
    const high = updateChecksum(before, old >>> 16, replacement >>> 16);
    const twice = updateChecksum(high, old & 0xffff, replacement & 0xffff);
    if (once !== expected || twice !== expected || signed !== expected) {
      t.fail(`round ${round}: ${expected} ${once} ${twice} ${signed}`);
    }
  }
});

t.test('ranges outside of the memory', async (t) => {
  const bytes = new Uint8Array(10);
  for (const [offset, length] of [
    [0, 11],
    [5, 6],
    [-1, 2],
    [0, -1],
    [NaN, 1],
    [0, NaN],
  ]) {
    t.throws(() => internetChecksum(bytes, offset, length), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
  }
});
