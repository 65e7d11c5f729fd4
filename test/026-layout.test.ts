import t from 'tap';
import { open, Port } from 'node-netmap';
import { Random } from './random';
import { BUF_SIZE, IF_OFFSET, makeRegion, portOver } from './region';
import { codeOf } from './throws';
import './folder';

t.test('NIC and host rings, all and some', async (t) => {
  const all = portOver(makeRegion({ tx: 2, hostTx: 2, rx: 3, hostRx: 1, slots: 5 }));
  t.strictSame(
    all.txRings.map(({ kind, id }) => `${kind} ${id}`),
    ['tx 0', 'tx 1', 'host-tx 0', 'host-tx 1'],
  );
  t.strictSame(
    all.rxRings.map(({ kind, id }) => `${kind} ${id}`),
    ['rx 0', 'rx 1', 'rx 2', 'host-rx 0'],
  );
  t.strictSame(
    all.txRings.map((ring) => ring.bufferIndex(4)),
    [6, 11, 16, 21],
  );
  t.ok(all.txRings.every((ring) => ring.isTx && ring.available === 4));
  t.ok(all.rxRings.every((ring) => !ring.isTx && ring.available === 0));
  t.equal(all.txRings[1].offset(0), all.bufferOffset(7));
  t.equal(all.counters === undefined, false);

  const some = portOver(makeRegion({ tx: 2, hostTx: 1, rx: 2, hostRx: 1, slots: 5, unbound: [0, 2, 5] }));
  t.strictSame(
    [...some.txRings, ...some.rxRings].map(({ kind, id }) => `${kind} ${id}`),
    ['tx 1', 'rx 0', 'rx 1'],
  );
  const none = portOver(makeRegion({ tx: 1, hostTx: 1, rx: 1, hostRx: 1, slots: 5, unbound: [0, 1, 2, 3] }));
  t.strictSame([none.txRings.length, none.rxRings.length, none.bufSize], [0, 0, 0]);
});

t.test('payload offsets', async (t) => {
  const port = portOver(makeRegion({ tx: 1, hostTx: 0, rx: 1, hostRx: 0, slots: 5, offsetMask: 0xffn }));
  const [tx] = port.txRings;
  tx.setPointer(0, 0xabcd_0000_0000_0010n); // other bits are somebody else's
  t.equal(tx.offset(0), port.bufferOffset(2) + 16);
  tx.setLength(0, 3);
  port.u8.set([7, 8, 9], tx.offset(0));
  t.strictSame([...tx.payload(0)], [7, 8, 9]);
  t.equal(tx.buffer(0)[16], 7);
  // A frame that would fit into the buffer, but not behind the offset.
  t.equal(tx.writeFrame(new Uint8Array(BUF_SIZE)), 2);
  t.equal(tx.length(0), BUF_SIZE - 16);
  t.equal(tx.length(1), 16);
  port.close();
  t.equal(
    codeOf(() => tx.offset(0)),
    'ERR_NETMAP_CLOSED',
  );
});

t.test('a head out of range, a tail out of range', async (t) => {
  const region = makeRegion({ tx: 1, hostTx: 0, rx: 1, hostRx: 0, slots: 5 });
  const words = new Uint32Array(region);
  words[(4096 + 20) / 4] = 77;
  const port = portOver(region);
  const [tx] = port.txRings;
  t.equal(tx.head, 0);
  words[(4096 + 28) / 4] = 5;
  t.equal(tx.available, 0);
  words[(4096 + 28) / 4] = 0xffffffff;
  t.equal(tx.available, 0);
  t.equal(
    codeOf(() => tx.advance(1)),
    'ERR_OUT_OF_RANGE',
  );
});

t.test('a region that cannot be one is refused, whatever is wrong with it', async (t) => {
  const random = new Random(11);
  const options = { tx: 1, hostTx: 1, rx: 1, hostRx: 1, slots: 5 };
  for (const offset of [-8, 1, 4, 2 ** 40, makeRegion(options).byteLength - 8]) {
    t.throws(() => portOver(makeRegion(options), offset), `interface at ${offset}`);
  }
  let refused = 0;
  for (let round = 0; round < 3000; round++) {
    const region = makeRegion(options);
    const words = new Uint32Array(region);
    const ring = 1024 * (1 + random.below(4));
    const place = random.pick([
      ...Array.from({ length: 22 }, (_, k) => IF_OFFSET / 4 + k),
      ring,
      ring + 1,
      ring + 2,
      ring + 3,
    ]);
    words[place] = random.pick([random.u32(), random.below(100), 0xffffffff, 0x80000000]);
    try {
      const port = portOver(region);
      for (const found of [...port.txRings, ...port.rxRings]) {
        for (let i = 0; i < Math.min(found.numSlots, 5); i++) void found.length(i);
        found.advance(found.available);
      }
    } catch (error) {
      refused++;
      if ((error as Error).constructor.name !== 'LayoutError') t.fail(String(error));
    }
  }
  t.ok(refused > 500, `${refused} refused`);
});

t.test('ports are made by open only', async (t) => {
  const Constructor = Port as unknown as new (...args: unknown[]) => Port;
  for (const args of [[], [1], [Symbol('x'), {}], [undefined, open('null:')]]) {
    t.equal(
      codeOf(() => new Constructor(...args)),
      'ERR_INVALID_ARG_TYPE',
    );
  }
});
