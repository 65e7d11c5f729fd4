import t from 'tap';
import './folder';
import { NR, NS, open, type Ring } from 'node-netmap';
import { codeOf, GARBAGE } from './throws';

const LITTLE_ENDIAN = true;

t.test('fields of a slot', async (t) => {
  using port = open('null:', { txSlots: 7 });
  const [ring] = port.txRings;
  // 0 without offsets; but the kernel module leaves the mask of whoever had the ring's memory before.
  const mask = new DataView(port.u8.buffer, port.u8.byteOffset).getBigUint64(ring.byteOffset + 56, LITTLE_ENDIAN);
  if (port.device === 'engine') t.equal(mask, 0n);
  for (let i = 0; i < 7; i++) {
    ring.setLength(i, 60 + i);
    ring.setFlags(i, NS.REPORT | (i << 8));
    ring.setPointer(i, (1n << 63n) | BigInt(i));
  }
  for (let i = 0; i < 7; i++) {
    t.equal(ring.length(i), 60 + i);
    t.equal(ring.flags(i), NS.REPORT | (i << 8));
    t.equal(ring.pointer(i), (1n << 63n) | BigInt(i));
    const word = ring.slotBase + 4 * i;
    t.equal(port.u32[word], ring.bufferIndex(i));
    t.equal(port.u16[2 * word + 2], 60 + i);
    t.equal(ring.offset(i), port.bufferOffset(ring.bufferIndex(i)) + Number(ring.pointer(i) & mask & 0xffffn));
  }
  const distinct = new Set(Array.from({ length: 7 }, (_, i) => ring.bufferIndex(i)));
  t.equal(distinct.size, 7);
});

t.test('views of buffers', async (t) => {
  using port = open('null:');
  const [ring] = port.txRings;
  const view = ring.buffer(3);
  t.equal(view.length, port.bufSize);
  t.equal(view.byteOffset, ring.offset(3));
  t.equal(ring.buffer(3), view, 'made once');
  t.equal(port.buffer(ring.bufferIndex(3)), view);
  view.set([1, 2, 3]);
  ring.setLength(3, 2);
  t.strictSame([...ring.payload(3)], [1, 2]);
  t.equal(port.u8[ring.offset(3) + 2], 3);
});

t.test('setBufferIndex marks the slot', async (t) => {
  using port = open('null:', { txSlots: 7 });
  const [ring] = port.txRings;
  const index = ring.bufferIndex(1);
  ring.setFlags(0, 0);
  ring.setBufferIndex(0, index);
  t.equal(ring.bufferIndex(0), index);
  t.equal(ring.flags(0), NS.BUF_CHANGED);
  for (const bad of [0, 1, 2 ** 31, port.memSize])
    t.equal(
      codeOf(() => ring.setBufferIndex(0, bad)),
      'ERR_OUT_OF_RANGE',
    );
});

t.test('ring flags and time', async (t) => {
  using port = open('null:');
  const [ring] = port.rxRings;
  t.equal(ring.ringFlags & NR.FORWARD, 0);
  ring.ringFlags = NR.TIMESTAMP;
  t.equal(ring.ringFlags, NR.TIMESTAMP);
  t.ok(ring.timestamp >= 0);
});

t.test('garbage in every argument', async (t) => {
  using port = open('null:', { txSlots: 7 });
  using other = open('null:', { txSlots: 7 });
  const [ring] = port.txRings;
  const before = Buffer.from(port.u8.slice(0, ring.offset(0))).toString('latin1');
  const slotCalls: ((ring: Ring, i: never) => unknown)[] = [
    (ring, i) => ring.length(i),
    (ring, i) => ring.setLength(i, 60),
    (ring, i) => ring.flags(i),
    (ring, i) => ring.setFlags(i, 0),
    (ring, i) => ring.bufferIndex(i),
    (ring, i) => ring.setBufferIndex(i, 5),
    (ring, i) => ring.offset(i),
    (ring, i) => ring.buffer(i),
    (ring, i) => ring.payload(i),
    (ring, i) => ring.pointer(i),
    (ring, i) => ring.setPointer(i, 1n),
    (ring, i) => ring.setHead(i),
    (ring, i) => ring.setCur(i),
    (ring, i) => ring.swap(i, other.txRings[0], 0),
    (ring, i) => ring.swap(0, other.txRings[0], i),
    (ring, i) => ring.frameSlots(i),
    (ring, i) => ring.readFrame(i, new Uint8Array(9)),
    (ring, i) => port.buffer(i) && ring,
    (ring, i) => port.bufferOffset(i) && ring,
  ];
  for (const value of GARBAGE) {
    for (const call of slotCalls) {
      const code = codeOf(() => call(ring, value as never));
      t.match(code, /^ERR_(OUT_OF_RANGE|INVALID_ARG_TYPE)$|TypeError/, `${call} of ${String(value)}`);
    }
  }
  for (const value of GARBAGE) {
    t.ok(
      codeOf(() => ring.setLength(0, value as never)),
      `length ${String(value)}`,
    );
    t.ok(
      codeOf(() => ring.advance(value as never)),
      `advance ${String(value)}`,
    );
    t.ok(
      codeOf(() => ring.swap(0, value as never, 0)),
      `swap with ${String(value)}`,
    );
    t.ok(
      codeOf(() => port.canSwapWith(value as never)),
      `canSwapWith ${String(value)}`,
    );
    if (typeof value !== 'bigint')
      t.ok(
        codeOf(() => ring.setPointer(0, value as never)),
        `pointer ${String(value)}`,
      );
  }
  t.equal(
    codeOf(() => ring.setLength(0, port.bufSize + 1)),
    'ERR_OUT_OF_RANGE',
  );
  t.equal(
    codeOf(() => ring.length(7)),
    'ERR_OUT_OF_RANGE',
  );
  t.equal(Buffer.from(port.u8.slice(0, ring.offset(0))).toString('latin1'), before, 'nothing has been changed');
});

t.test('methods want their own kind of receiver', async (t) => {
  using port = open('null:');
  const [ring] = port.txRings;
  for (const [name, { value, get }] of Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(ring)))) {
    const method = (value ?? get) as ((...args: unknown[]) => unknown) | undefined;
    if (name === 'constructor' || !method) continue;
    for (const receiver of [undefined, null, 5, {}, [], port]) {
      codeOf(() => method.call(receiver, 0, 0, 0)); // may throw, may not crash
    }
  }
  t.pass('still alive');
});
