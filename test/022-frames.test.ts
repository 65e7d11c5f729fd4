import t from 'tap';
import { pipe } from './folder';
import { NS, open } from 'node-netmap';
import { Random } from './random';
import { codeOf } from './throws';

t.test('frames over several slots arrive as they were sent', async (t) => {
  using a = open(pipe('{'), { txSlots: 13, rxSlots: 13 });
  using b = open(pipe('}'), { txSlots: 13, rxSlots: 13 });
  const [tx] = a.txRings;
  const [rx] = b.rxRings;
  const random = new Random(1);
  const into = new Uint8Array(20 * a.bufSize);
  for (const length of [1, 60, a.bufSize - 1, a.bufSize, a.bufSize + 1, 3 * a.bufSize, 5 * a.bufSize + 7]) {
    const frame = random.bytes(length);
    const slots = tx.writeFrame(frame);
    t.equal(slots, Math.ceil(length / a.bufSize), `${length} bytes`);
    tx.advance(slots);
    a.txSync();
    b.rxSync();
    t.equal(rx.available, slots);
    t.equal(rx.frameSlots(rx.head), slots);
    t.equal(rx.readFrame(rx.head, into), length);
    t.equal(Buffer.compare(into.subarray(0, length), frame), 0);
    t.equal(
      codeOf(() => rx.readFrame(rx.head, new Uint8Array(length - 1))),
      'ERR_OUT_OF_RANGE',
    );
    rx.advance(slots);
    b.rxSync();
    a.txSync();
  }
});

t.test('no room, and never room', async (t) => {
  using port = open('null:', { txSlots: 4 });
  const [ring] = port.txRings;
  t.equal(
    codeOf(() => ring.writeFrame(new Uint8Array(3 * port.bufSize + 1))),
    'ERR_OUT_OF_RANGE',
  );
  t.equal(
    codeOf(() => ring.writeFrame(new Uint8Array(0))),
    'ERR_OUT_OF_RANGE',
  );
  t.equal(
    codeOf(() => ring.writeFrame([1, 2] as never)),
    'ERR_INVALID_ARG_TYPE',
  );
  t.equal(ring.writeFrame(new Uint8Array(3 * port.bufSize)), 3);
  t.equal(ring.head, 0, 'writeFrame does not move head');
  ring.advance(2);
  t.equal(ring.writeFrame(new Uint8Array(2 * port.bufSize)), 0);
  t.equal(ring.writeFrame(new Uint8Array(60), NS.REPORT), 1);
  t.equal(ring.flags(ring.head), NS.REPORT);
});

t.test('an incomplete chain is no frame', async (t) => {
  using port = open('null:', { txSlots: 7 });
  const [ring] = port.txRings;
  for (let i = 0; i < 7; i++) ring.setFlags(i, NS.MOREFRAG);
  t.equal(ring.frameSlots(0), 0);
  t.equal(ring.readFrame(0, new Uint8Array(10)), 0);
  ring.setFlags(4, 0);
  t.equal(ring.frameSlots(0), 5);
  t.equal(ring.frameSlots(3), 2);
  t.equal(ring.frameSlots(5), 0);
});

t.test('inject', async (t) => {
  using a = open(pipe('{', 'i'), { txSlots: 4, rxSlots: 4 });
  using b = open(pipe('}', 'i'), { txSlots: 4, rxSlots: 4 });
  t.equal(a.inject(Buffer.alloc(60, 7)), true);
  t.equal(a.inject(Buffer.alloc(a.bufSize + 1, 8)), true);
  t.equal(a.inject(Buffer.alloc(60)), false);
  t.equal(
    codeOf(() => a.inject(Buffer.alloc(4 * a.bufSize))),
    'ERR_OUT_OF_RANGE',
  );
  t.equal(
    codeOf(() => a.inject('frame' as never)),
    'ERR_INVALID_ARG_TYPE',
  );
  a.txSync();
  b.rxSync();
  const [rx] = b.rxRings;
  t.equal(rx.available, 3);
  t.equal(rx.payload(rx.head)[0], 7);
  t.equal(rx.frameSlots(rx.next(rx.head)), 2);
});

t.test('inject looks for a ring with room', async (t) => {
  using port = open('null:', { txSlots: 2, txRings: 3 });
  t.strictSame(
    [1, 2, 3, 4].map(() => port.inject(new Uint8Array(60))),
    [true, true, true, false],
  );
  t.strictSame(
    port.txRings.map((ring) => ring.head),
    [1, 1, 1],
  );
});
