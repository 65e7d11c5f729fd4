import t from 'tap';
import { FrameReader, SequenceStamp, udpFrame, verifyFrame } from 'node-netmap';
import { ipv4Frame, tcp } from './frames';
import { Random } from './random';

/** Numbers at which halves overflow or checksums take their special values. */
const EDGES = [0, 1, 0xff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

t.test('every number leaves a valid frame that carries it', async (t) => {
  const random = new Random(42);
  for (const [length, stream] of [[48], [51], [52], [60], [60, 7], [52, 0xffffffff], [1514, 0x80000000], [61]]) {
    const frame = udpFrame({ length, srcPort: random.below(65536), payload: 'x' });
    const stamp = new SequenceStamp(frame, stream === undefined ? {} : { stream });
    const reader = new FrameReader(frame);
    for (const sequence of [...EDGES, ...Array.from({ length: 500 }, () => random.u32())]) {
      stamp.write(view(frame), 0, sequence);
      t.equal(verifyFrame(frame), 'valid', `length ${length}, number ${sequence}`);
      t.ok(reader.isSequenced(0, frame.length));
      t.equal(reader.sequence(0) >>> 0, sequence);
      t.equal(reader.stream(0) >>> 0, stream ?? 0);
    }
  }
});

t.test('a checksum of 0 is sent as ffff', async (t) => {
  const frame = udpFrame();
  const stamp = new SequenceStamp(frame);
  const checksum = (frame[40] << 8) | frame[41];
  stamp.write(view(frame), 0, checksum); // fills the sum up to ffff
  t.equal((frame[40] << 8) | frame[41], 0xffff);
  t.equal(verifyFrame(frame), 'valid');
});

t.test('the template itself is ready to be sent', async (t) => {
  const frame = udpFrame();
  void new SequenceStamp(frame, { stream: 9 });
  t.equal(verifyFrame(frame), 'valid');
  t.equal(new FrameReader(frame).sequence(0), 0);
  t.equal(new FrameReader(frame).stream(0), 9);
  t.equal(frame[42] * 256 + frame[43], 0x6e73);
  const plain = udpFrame();
  void new SequenceStamp(plain);
  t.equal(plain[42] * 256 + plain[43], 0x6e6d);
});

t.test('numbers beyond 32 bits and negative ones count by their lowest 32 bits', async (t) => {
  const frame = udpFrame();
  const stamp = new SequenceStamp(frame);
  for (const sequence of [2 ** 32, 2 ** 32 + 5, 2 ** 53 - 1, -1, -2147483648]) {
    stamp.write(view(frame), 0, sequence);
    t.equal(new FrameReader(frame).sequence(0), sequence | 0);
    t.equal(verifyFrame(frame), 'valid');
  }
});

t.test('nothing but checksum, magic and number is written, wherever the frame lies', async (t) => {
  const frame = udpFrame({ length: 64 });
  const stamp = new SequenceStamp(frame, { stream: 3 });
  const random = new Random(5);
  for (let offset = 0; offset < 70; offset++) {
    const memory = random.bytes(200);
    const before = memory.slice();
    stamp.write(view(memory), offset, offset);
    t.strictSame(memory.slice(0, offset + 40), before.slice(0, offset + 40));
    t.strictSame(memory.slice(offset + 48), before.slice(offset + 48));
    memory.set(frame, offset);
    stamp.write(view(memory), offset, offset);
    t.equal(verifyFrame(memory, offset, 64), 'valid');
    t.equal(new FrameReader(memory).sequence(offset), offset);
  }
});

t.test('frames that carry no number are told from those that do', async (t) => {
  const plain = udpFrame();
  const reader = new FrameReader(plain);
  t.equal(reader.isSequenced(0, 60), false, 'no magic');
  void new SequenceStamp(plain, { stream: 1 });
  t.equal(reader.isSequenced(0, 60), true);
  t.equal(reader.isSequenced(0, 51), false, 'cut short');
  for (const [at, value, what] of [
    [12, 0x86, 'another EtherType'],
    [14, 0x46, 'IP options'],
    [20, 0x20, 'a fragment'],
    [23, 6, 'TCP'],
    [39, 15, 'a UDP packet that ends before the stream id'],
    [38, 1, 'a UDP packet longer than the frame'],
    [16, 1, 'an IP packet longer than the frame'],
    [43, 0x6f, 'another magic'],
  ] as const) {
    const other = plain.slice();
    other[at] = value;
    t.equal(new FrameReader(other).isSequenced(0, 60), false, what);
  }
});

t.test('refused', async (t) => {
  const refuse = (frame: Uint8Array, options: { stream?: number }, expected: { name: string; code: string }): void => {
    const before = frame.slice();
    t.throws(() => new SequenceStamp(frame, options), expected);
    t.strictSame(frame, before, 'the frame is as it was');
  };
  const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
  refuse(udpFrame({ length: 47 }), {}, range);
  refuse(udpFrame({ length: 51 }), { stream: 1 }, range);
  refuse(udpFrame({ payload: 'short' }), {}, range);
  refuse(udpFrame(), { stream: -1 }, range);
  refuse(udpFrame(), { stream: 2 ** 32 }, range);
  refuse(
    ipv4Frame({ protocol: 6, payload: tcp(new Uint8Array(40)) }),
    {},
    { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' },
  );
});
