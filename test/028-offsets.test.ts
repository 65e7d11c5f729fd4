import t, { type Test } from 'tap';
import { vale } from './folder';
import { forward, MAX_FRAGS, NS, open, udpFrame, type Port, type Ring } from 'node-netmap';
import { Random } from './random';
import { codeOf } from './throws';

/** Broadcast frames of any length. */
function broadcast(random: Random, length: number): Uint8Array {
  const frame = random.bytes(length);
  frame.fill(0xff, 0, 6);
  return frame;
}

/** Any offset up to `most` that the device keeps. The kernel moves frames whose offsets are not alike modulo 64 (docs/fidelity.md). */
function anyOffset(random: Random, port: Port, most: number): number {
  const step = port.device === 'kernel' ? 64 : 1;
  return step * random.below(Math.floor(most / step) + 1);
}

function send(from: Port, to: Port): void {
  from.txSync();
  to.rxSync();
}

t.test('a number, an object and the name say the same', async (t) => {
  using a = open(vale('a'), { offset: 64 });
  using b = open(vale('b'), { offset: { initial: 64, max: 64, bits: 0 } });
  using c = open(`${vale('c')}@offset=64`);
  using d = open(`${vale('d')}@offset:initial=64,bits=16`);
  for (const { txRings, rxRings } of [a, b, c, d]) {
    for (const ring of [...txRings, ...rxRings])
      t.strictSame([ring.maxHeadroom, ring.headroom(0), ring.headroom(9)], [64, 64, 64]);
  }
  using plain = open(vale('e'));
  t.strictSame([plain.txRings[0].maxHeadroom, plain.txRings[0].headroom(0)], [0, 0]);
  using wide = open(vale('f'), { offset: { max: 256 } });
  t.strictSame([wide.rxRings[0].maxHeadroom, wide.rxRings[0].headroom(0)], [256, 0]);
  using more = open(vale('f'), { offset: { max: 128 } });
  t.equal(more.rxRings[0].maxHeadroom, 256, 'what the rings take already');
});

t.test('wrong numbers are named', async (t) => {
  const refused = (offset: unknown, text: RegExp, code = 'ERR_OUT_OF_RANGE') => {
    const error = t.throws(() => open(vale('a'), { offset: offset as number })) as unknown as {
      code: string;
      message: string;
    };
    t.match(error.message, text);
    t.equal(error.code, code);
  };
  refused(-1, /options\.offset\.initial/);
  refused({ initial: 64, max: 63 }, /options\.offset\.max" must be an integer from 64 .*63$/);
  refused({ initial: 64, bits: 6 }, /options\.offset\.bits" must be at least 7 for offsets up to 64/);
  refused({ bits: 65 }, /options\.offset\.bits/);
  refused({ start: 3 }, /knows initial, max, bits but not "start"/, 'ERR_INVALID_ARG_VALUE');
  refused('64', /options\.offset/, 'ERR_INVALID_ARG_TYPE');
  refused(70000, /larg/, 'EINVAL');
  using a = open(vale('a'), { offset: 64 });
  refused(65, /ask for no more, or close it first/, 'EBUSY');
  t.equal(a.closed, false);
});

t.test('slot views begin where payloads do', async (t) => {
  using port = open('null:', { offset: { initial: 64, max: 256 }, txSlots: 8 });
  const [ring] = port.txRings;
  const buffer = port.bufferOffset(ring.bufferIndex(2));
  t.equal(ring.offset(2), buffer + 64);
  t.equal(ring.buffer(2).byteOffset, buffer, 'a buffer is a whole buffer');
  ring.setHeadroom(2, 100);
  t.equal(ring.offset(2), buffer + 100);
  t.equal(ring.pointer(2), 100n);
  ring.setLength(2, 5);
  port.u8.set([1, 2, 3, 4, 5], ring.offset(2));
  t.strictSame([...ring.payload(2)], [1, 2, 3, 4, 5]);
  t.strictSame([...ring.buffer(2).subarray(100, 105)], [1, 2, 3, 4, 5]);
  ring.setPointer(2, 5000n);
  t.strictSame(
    [ring.headroom(2), ring.offset(2)],
    [256, buffer + 256],
    'too large ones are cut, as the device cuts them',
  );
  ring.setPointer(2, 1n << 40n);
  t.equal(ring.headroom(2), 256);
  t.equal(
    codeOf(() => ring.setHeadroom(2, 257)),
    'ERR_OUT_OF_RANGE',
  );
  t.equal(
    codeOf(() => ring.headroom(8)),
    'ERR_OUT_OF_RANGE',
  );
  ring.setHeadroom(2, 256);
  t.equal(
    codeOf(() => ring.setLength(2, port.bufSize - 255)),
    'ERR_OUT_OF_RANGE',
  );
  ring.setLength(2, port.bufSize - 256);
  t.equal(ring.payload(2).length, port.bufSize - 256);
  t.equal(ring.payload(3).length, port.bufSize - 64, 'a fresh slot says it is full, its buffer ends before');
});

t.test('other bits of the pointer are left alone', async (t) => {
  using port = open('null:', { offset: { initial: 16, max: 200, bits: 12 }, txSlots: 4 });
  const [ring] = port.txRings;
  ring.setPointer(0, 0x1234_5678_9abc_d010n);
  t.equal(ring.headroom(0), 16);
  ring.setHeadroom(0, 200);
  t.equal(ring.pointer(0), 0x1234_5678_9abc_d0c8n);
});

t.test('headers are pushed and popped without moving a byte', async (t) => {
  using port = open('null:', { offset: { initial: 64, max: 128 }, txSlots: 4 });
  const [ring] = port.txRings;
  const frame = udpFrame({ payload: 'hello' });
  port.u8.set(frame, ring.offset(0));
  ring.setLength(0, frame.length);
  const at = ring.offset(0);
  // An outer header of 8 bytes, and off again.
  t.equal(ring.pushHeader(0, 8), at - 8);
  t.strictSame([ring.length(0), ring.headroom(0)], [frame.length + 8, 56]);
  t.strictSame(Buffer.compare(ring.payload(0).subarray(8), frame), 0);
  t.equal(ring.popHeader(0, 8), at);
  t.equal(Buffer.compare(ring.payload(0), frame), 0);
  // The Ethernet header goes, and comes back.
  ring.popHeader(0, 14);
  t.equal(Buffer.compare(ring.payload(0), frame.subarray(14)), 0);
  ring.pushHeader(0, 14);
  t.equal(Buffer.compare(ring.payload(0), frame), 0);
  const limits: [() => unknown, RegExp][] = [
    [() => ring.pushHeader(0, 65), /at most 64 \(the headroom of slot 0\)/],
    [() => ring.popHeader(0, frame.length + 1), /the length of slot 0/],
    [() => ring.popHeader(0, 65), /open with a larger offset\.max|length of slot/],
    [() => ring.pushHeader(0, -1), /from 0/],
    [() => ring.pushHeader(4, 1), /slot/],
  ];
  for (const [call, text] of limits) t.throws(call, { code: 'ERR_OUT_OF_RANGE', message: text });
  t.strictSame([ring.length(0), ring.headroom(0)], [frame.length, 64], 'a refusal changes nothing');
  using plain = open('null:', { txSlots: 4 });
  t.equal(
    codeOf(() => plain.txRings[0].setHeadroom(0, 1)),
    'ERR_INVALID_ARG_VALUE',
  );
  plain.txRings[0].setHeadroom(0, 0);
  t.equal(
    codeOf(() => plain.txRings[0].pushHeader(0, 1)),
    'ERR_OUT_OF_RANGE',
  );
  plain.close();
  t.equal(
    codeOf(() => plain.txRings[0].headroom(0)),
    'ERR_NETMAP_CLOSED',
  );
});

t.test('frames of any length and number of slots arrive, whatever the offsets', async (t) => {
  using a = open(vale('a'), { offset: { max: 400 } });
  using b = open(vale('b'), { offset: { initial: 128, max: 320 } });
  using c = open(vale('c'));
  const random = new Random(11);
  const [tx] = a.txRings;
  const into = new Uint8Array(5 * a.bufSize);
  for (let round = 0; round < 100; round++) {
    for (let k = 0; k < 5; k++) {
      tx.setHeadroom((tx.head + k) % tx.numSlots, anyOffset(random, a, 400));
      b.rxRings[0].setPointer((b.rxRings[0].tail + k) % b.rxRings[0].numSlots, BigInt(anyOffset(random, b, 384)));
    }
    const frame = broadcast(random, 60 + random.below(3 * a.bufSize));
    t.ok(a.inject(frame));
    send(a, b);
    c.rxSync();
    for (const { rxRings } of [b, c]) {
      const [rx] = rxRings;
      const slots = rx.frameSlots(rx.head);
      const whole = rx === c.rxRings[0] || rx.payloadLength(rx.head) > 0;
      const n = rx.readFrame(rx.head, into);
      // A slot's fragment that the receiver has no room for comes as an empty one: its offset is its own affair.
      if (whole && n === frame.length && Buffer.compare(into.subarray(0, n), frame) !== 0) t.fail(`round ${round}`);
      if (rx === c.rxRings[0]) t.equal(n, frame.length);
      rx.advance(slots);
    }
    b.rxSync();
    c.rxSync();
  }
});

t.test('a frame that can never fit behind the offsets is refused', async (t) => {
  using a = open(vale('a'), { offset: { initial: 2000, max: 2000 } });
  const room = a.bufSize - 2000;
  t.ok(a.inject(new Uint8Array(MAX_FRAGS * room)));
  t.throws(() => a.inject(new Uint8Array(MAX_FRAGS * room + 1)), {
    code: 'ERR_OUT_OF_RANGE',
    message: /with their offsets/,
  });
});

function carry(t: Test, from: Ring, to: Ring, hears: Port): void {
  const random = new Random(17);
  const { port } = from;
  const into = new Uint8Array(8 * port.bufSize);
  for (let round = 0; round < 60; round++) {
    const length = 60 + random.below(2 * port.bufSize);
    const frame = broadcast(random, length);
    for (let k = 0; k < 4; k++) {
      if (from.maxHeadroom)
        from.setHeadroom((from.head + k) % from.numSlots, anyOffset(random, port, from.maxHeadroom));
      if (to.maxHeadroom) to.setHeadroom((to.head + k) % to.numSlots, anyOffset(random, port, to.maxHeadroom));
    }
    const slots = from.writeFrame(frame);
    t.equal(forward(from, to, slots), slots);
    to.port.txSync();
    hears.rxSync();
    const [rx] = hears.rxRings;
    const n = rx.readFrame(rx.head, into);
    t.equal(Buffer.compare(into.subarray(0, n), frame), 0, `round ${round}: ${length} bytes`);
    rx.advance(rx.available);
    hears.rxSync();
    from.port.txSync();
  }
}

for (const [title, from, to] of [
  ['swaps between rings of the same offsets', 128, 128],
  ['copies to a ring without offsets', 128, undefined],
  ['copies from a ring without offsets', undefined, 320],
  ['copies between rings of different offsets', 128, 320],
] as const) {
  t.test(`forward ${title}`, async (t) => {
    using a = open(vale('from').replace(':', 'x:'), { txSlots: 64, ...(from && { offset: { max: from } }) });
    using b = open(vale('out'), { memId: a.memId, ...(to && { offset: { max: to } }) });
    using c = open(vale('in'));
    const before = b.txRings[0].bufferIndex(0);
    carry(t, a.txRings[0], b.txRings[0], c);
    t.equal(b.txRings[0].bufferIndex(0) !== before, from === to, 'buffers travel only where they may');
    t.equal(
      codeOf(() => a.txRings[0].swap(0, b.txRings[0], 0)),
      from === to ? undefined : 'EXDEV',
    );
  });
}

t.test('a frame whose slots have no room is too long for forward', async (t) => {
  using a = open('null:', { txSlots: 16 });
  using b = open('null:', { txSlots: 8, offset: { initial: 2000, max: 2000 } });
  const [from] = a.txRings;
  from.writeFrame(new Uint8Array(a.bufSize));
  t.equal(
    codeOf(() => forward(from, b.txRings[0])),
    'EMSGSIZE',
  );
  t.equal(b.txRings[0].head, 0);
});

t.test('swap carries the offset along', async (t) => {
  using port = open('null:', { txSlots: 4, rxSlots: 4, offset: { initial: 10, max: 100 } });
  const [tx] = port.txRings;
  const [rx] = port.rxRings;
  rx.setHeadroom(1, 77);
  rx.setLength(1, 60);
  rx.swap(1, tx, 2);
  t.strictSame([tx.headroom(2), tx.length(2), rx.headroom(1)], [77, 60, 10]);
  t.equal(tx.flags(2) & NS.BUF_CHANGED, NS.BUF_CHANGED);
});
