import t from 'tap';
import { vale } from './folder';
import { open } from 'node-netmap';
import { codeOf, GARBAGE } from './throws';

t.test('take and give', async (t) => {
  using port = open(vale('a'), { extraBuffers: 10 });
  const extra = port.extraBuffers;
  t.equal(extra.available, 10);
  const inRings = new Set(
    [...port.txRings, ...port.rxRings].flatMap((ring) =>
      Array.from({ length: ring.numSlots }, (_, i) => ring.bufferIndex(i)),
    ),
  );
  const taken = Array.from({ length: 10 }, () => extra.take());
  t.equal(new Set(taken).size, 10);
  t.notOk(taken.some((index) => inRings.has(index)));
  t.equal(extra.take(), 0);
  for (const index of taken) port.buffer(index).fill(0xee);
  for (const index of taken) extra.give(index);
  t.equal(extra.available, 10);
  t.equal(
    codeOf(() => extra.give(taken[3])),
    'ERR_INVALID_ARG_VALUE',
    'twice',
  );
  t.strictSame(new Set(Array.from({ length: 10 }, () => extra.take())), new Set(taken));
});

t.test('none unless asked for', async (t) => {
  using port = open(vale('a'));
  t.equal(port.extraBuffers.available, 0);
  t.equal(port.extraBuffers.take(), 0);
});

t.test('a buffer taken from a slot can be given', async (t) => {
  using port = open(vale('a'), { extraBuffers: 1 });
  const [ring] = port.rxRings;
  const kept = ring.bufferIndex(0);
  ring.setBufferIndex(0, port.extraBuffers.take());
  port.extraBuffers.give(kept);
  t.equal(port.extraBuffers.available, 1);
  t.equal(port.extraBuffers.take(), kept);
});

t.test('they come back when the port is opened again', async (t) => {
  for (let round = 0; round < 5; round++) {
    using port = open(vale('a'), { extraBuffers: 500 });
    t.equal(port.extraBuffers.available, 500);
  }
});

t.test('garbage', async (t) => {
  const port = open(vale('a'), { extraBuffers: 2 });
  for (const value of GARBAGE)
    t.ok(
      codeOf(() => port.extraBuffers.give(value as never)),
      String(value),
    );
  t.equal(port.extraBuffers.available, 2);
  const { headAt } = port.extraBuffers as unknown as { headAt: number };
  port.u32[headAt] = 0xfffffff0; // a list that leads out of the region
  t.equal(
    codeOf(() => port.extraBuffers.take()),
    'ERR_OUT_OF_RANGE',
  );
  port.u32[headAt] = 0;
  port.close();
  t.equal(
    codeOf(() => port.extraBuffers.take()),
    'ERR_NETMAP_CLOSED',
  );
  t.equal(
    codeOf(() => port.extraBuffers.give(5)),
    'ERR_NETMAP_CLOSED',
  );
});
