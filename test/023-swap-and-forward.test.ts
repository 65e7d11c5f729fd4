import t from 'tap';
import { pipe, vale } from './folder';
import { forward, NS, open, type Port } from 'node-netmap';
import { Random } from './random';
import { codeOf } from './throws';

/** A port that hears what `send` is told to say, through a pipe. */
function source(name: string, slots: number, memId = 0): { far: Port; near: Port; [Symbol.dispose](): void } {
  const far = open(pipe('{', name), { txSlots: slots, rxSlots: slots, memId });
  const near = open(pipe('}', name), { txSlots: slots, rxSlots: slots, memId });
  return {
    far,
    near,
    [Symbol.dispose]() {
      far.close();
      near.close();
    },
  };
}

t.test('swap exchanges buffers', async (t) => {
  using port = open('null:', { txSlots: 7, rxSlots: 7 });
  const [tx] = port.txRings;
  const [rx] = port.rxRings;
  const [a, b] = [tx.bufferIndex(2), rx.bufferIndex(5)];
  rx.buffer(5).fill(9);
  rx.setLength(5, 99);
  rx.swap(5, tx, 2);
  t.strictSame([tx.bufferIndex(2), rx.bufferIndex(5)], [b, a]);
  t.equal(tx.length(2), 99);
  t.equal(tx.flags(2) & NS.BUF_CHANGED, NS.BUF_CHANGED);
  t.equal(rx.flags(5) & NS.BUF_CHANGED, NS.BUF_CHANGED);
  t.equal(tx.buffer(2)[98], 9);
});

t.test('swap needs common memory', async (t) => {
  using a = open(vale('a'));
  using b = open(vale('b'));
  t.equal(
    codeOf(() => a.rxRings[0].swap(0, b.txRings[0], 0)),
    'EXDEV',
  );
  using c = open(vale('c'), { memId: a.memId });
  a.rxRings[0].swap(0, c.txRings[0], 0);
  t.equal(
    codeOf(() => a.rxRings[0].swap(0, a.rxRings[0], 1)),
    undefined,
  );
});

for (const common of [true, false]) {
  t.test(`forward ${common ? 'by swapping' : 'by copying'}`, async (t) => {
    using from = source('f', 13);
    using to = open(vale('out'), common ? { memId: from.near.memId, txSlots: 9 } : { txSlots: 9 });
    using sink = open(vale('in'), { rxSlots: 64 });
    t.equal(from.near.canSwapWith(to), common);
    const random = new Random(3);
    const into = new Uint8Array(4 * to.bufSize);
    for (let round = 0; round < 40; round++) {
      const frames: Uint8Array[] = [];
      for (let k = random.below(4); k >= 0; k--) {
        const frame = random.bytes(14 + random.below(2.5 * to.bufSize));
        frame.fill(0xff, 0, 6);
        if (from.far.inject(frame)) frames.push(frame);
      }
      from.far.txSync();
      from.near.rxSync();
      const [rx] = from.near.rxRings;
      const before = rx.available;
      let taken = 0;
      for (let turn = 0; turn < 20 && rx.available > 0; turn++) {
        taken += forward(rx, to.txRings[0]);
        to.txSync();
      }
      from.near.rxSync();
      t.equal(taken, before);
      sink.rxSync();
      const [heard] = sink.rxRings;
      for (const frame of frames) {
        const slots = heard.frameSlots(heard.head);
        t.ok(slots > 0);
        t.equal(Buffer.compare(into.subarray(0, heard.readFrame(heard.head, into)), frame), 0);
        heard.advance(slots);
      }
      t.equal(heard.available, 0);
      sink.rxSync();
      from.far.txSync();
    }
  });
}

t.test('forward stops at max, at a full ring and at an incomplete frame', async (t) => {
  using port = open('null:', { txSlots: 9, rxSlots: 5, txRings: 2 });
  const [from, to] = port.txRings;
  for (let i = 0; i < 9; i++) from.setFlags(i, i === 2 ? NS.MOREFRAG : 0);
  t.equal(forward(from, to, 1), 1);
  t.equal(forward(from, to, 0), 0);
  t.equal(forward(from, to, 2), 1, 'a frame of two slots does not fit into the rest of 2');
  t.equal(forward(from, to, 2), 2);
  t.equal(from.head, 4);
  t.equal(to.head, 4);
  t.equal(forward(from, to), 4);
  t.equal(forward(from, to), 0);
});

t.test('forward refuses nonsense', async (t) => {
  using port = open('null:', { txRings: 2 });
  const [a, b] = port.txRings;
  t.equal(
    codeOf(() => forward(a, a)),
    'ERR_INVALID_ARG_VALUE',
  );
  t.equal(
    codeOf(() => forward(a, {} as never)),
    'ERR_INVALID_ARG_TYPE',
  );
  t.equal(
    codeOf(() => forward(null as never, b)),
    'ERR_INVALID_ARG_TYPE',
  );
  t.equal(
    codeOf(() => forward(a, b, -1)),
    'ERR_OUT_OF_RANGE',
  );
  t.equal(
    codeOf(() => forward(a, b, '5' as never)),
    'ERR_INVALID_ARG_TYPE',
  );
  t.equal(
    codeOf(() => forward(a, b, NaN)),
    'ERR_OUT_OF_RANGE',
  );
});

t.test('forward survives rings that a peer has scribbled over', async (t) => {
  using from = open(vale('x'), { txSlots: 7, txRings: 2 });
  using to = open(vale('y'), { txSlots: 7 });
  const random = new Random(5);
  const [ring] = from.txRings;
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < 7; i++) {
      for (let word = 0; word < 4; word++) from.u32[ring.slotBase + 4 * i + word] = random.u32();
      from.u16[2 * (ring.slotBase + 4 * i) + 3] &= ~NS.INDIRECT;
    }
    codeOf(() => forward(ring, to.txRings[0], 1 + random.below(6)));
    to.txSync();
    from.txSync();
    if (ring.available === 0) break;
  }
  t.pass('still alive');
});
