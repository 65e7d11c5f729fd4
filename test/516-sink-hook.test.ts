// What the hooks of a sink are shown: every frame, where it lies, whatever else the sink was asked for.
import t from 'tap';
import {
  Generator,
  LAYER,
  NetmapError,
  NS,
  open,
  PacketView,
  Sink,
  type GeneratorOptions,
  type SinkOptions,
} from 'node-netmap';
import { vale } from './folder';

let serial = 0;

/** Numbers in the source ports of the frames that a hook was shown, in their order, with their lengths. */
async function shown(options: GeneratorOptions, sinkOptions: SinkOptions = {}) {
  const id = serial++;
  using from = open(vale(`shows${id}`));
  using to = open(vale(`sees${id}@conf:rx-slots=4096`));
  const view = new PacketView(to.u8);
  const ports: number[] = [];
  const lengths: number[] = [];
  let inBatches = 0;
  const sink = new Sink(to, {
    hook: (u8, offset, length, ring, slot) => {
      if (u8 !== to.u8 || offset !== ring.offset(slot) || length !== ring.payloadLength(slot))
        throw new Error('elsewhere');
      view.parse(offset, length);
      if (view.has(LAYER.UDP)) ports.push(view.udp.srcPort);
      lengths.push(length);
    },
    batchHook: (_ring, _first, _slots, frames) => (inBatches += frames),
    ...sinkOptions,
  });
  await new Generator(from, { vary: { srcPort: '1-60000' }, ...options }).start();
  const done = sink.start();
  sink.stop();
  await done;
  return { ports, lengths, inBatches, stats: sink.stats() };
}

const upTo = (count: number) => Array.from({ length: count }, (_, k) => k + 1);

t.test('every frame once, in order, a ring that is full and wraps round', async (t) => {
  const { ports, lengths, inBatches, stats } = await shown({ count: 4000 });
  t.strictSame(ports, upTo(4000));
  t.ok(lengths.every((length) => length === 60));
  t.equal(inBatches, 4000);
  t.match(stats, { packets: 4000, bytes: 240_000, dropped: 0 });
  t.ok(stats.batches > 4, 'in parts, so that the sender can go on meanwhile');
});

t.test('as many as were asked for, and those that match', async (t) => {
  const first = await shown({ count: 1000 }, { count: 777 });
  t.strictSame(first.ports, upTo(777));
  t.equal(first.stats.packets, 777);
  const some = await shown({ count: 1000 }, { match: { srcPort: '100-199' }, check: true });
  t.strictSame(some.ports, upTo(199).slice(99));
  t.match(some.stats, { packets: 1000, unmatched: 900, lost: 0, corrupt: 0 });
});

t.test('of frames over several slots, the first part', async (t) => {
  const { ports, lengths, inBatches, stats } = await shown({ count: 300, frame: { length: 1000 }, fragment: 300 });
  t.strictSame(ports, upTo(300));
  t.ok(lengths.every((length) => length === 300));
  t.equal(inBatches, 300);
  t.match(stats, { packets: 300, bytes: 300_000 });
});

t.test('one frame over more slots than are shown at a time', async (t) => {
  using from = open(vale('long{1'));
  using to = open(vale('long}1'));
  const [ring] = from.txRings;
  for (let n = 1, i = ring.head; n <= 600; n++, i = ring.next(i)) {
    ring.setLength(i, 1000);
    ring.setFlags(i, n < 600 ? NS.MOREFRAG : 0);
  }
  ring.advance(600);
  from.txSync();
  const lengths: number[] = [];
  const sink = new Sink(to, { count: 1, hook: (_u8, _offset, length) => lengths.push(length) });
  await sink.start();
  t.strictSame(lengths, [1000]);
  t.match(sink.stats(), { packets: 1, bytes: 600_000 });
});

t.test('a hook that closes the port sees nothing more', async (t) => {
  using from = open(vale('closes'));
  const to = open(vale('closed'));
  let seen = 0;
  const sink = new Sink(to, {
    hook: () => {
      if (++seen === 10) to.close();
    },
  });
  await new Generator(from, { count: 100 }).start();
  const error = await sink.start().then(
    () => undefined,
    (error: unknown) => error,
  );
  t.ok(error instanceof NetmapError && error.code === 'ERR_NETMAP_CLOSED', String(error));
  t.equal(seen, 10);
});

t.test('a slot that points at no buffer is shown as nothing', async (t) => {
  using from = open(vale('points'));
  using to = open(vale('nowhere'));
  await new Generator(from, { count: 3 }).start();
  to.rxSync();
  const [ring] = to.rxRings;
  to.u32[ring.slotBase + 4 * ring.next(ring.head)] = 0xfffffff0;
  const lengths: number[] = [];
  const sink = new Sink(to, { count: 3, hook: (_u8, _offset, length) => lengths.push(length) });
  await sink.start();
  t.strictSame(lengths, [60, 0, 60]);
});
