import t from 'tap';
import { pipe } from './folder';
import { Random } from './random';
import { send, take } from './support/whole-frames';
import { codeOf } from './throws';
import { Distributor, open, udp, type DistributorOptions, type Port } from 'node-netmap';

const random = new Random(5);
let names = 0;

/** The near ends of pipes of one memory region, and the far ends, with a pipe to feed them. */
function dealt(consumers: number, slots = 64) {
  const first = pipe('{', `0@conf:slots=${slots}`).replace('netmap:t', `netmap:d${++names}t`);
  const near = [open(first)];
  for (let k = 1; k <= consumers; k++) near.push(open(first.replace('{0', `{${k}`)));
  const far = near.map((port) => open(port.name.replace('{', '}')));
  return {
    from: near[0],
    feed: far[0],
    to: near.slice(1),
    consumers: far.slice(1),
    [Symbol.dispose]() {
      for (const port of [...near, ...far]) port.close();
    },
  };
}

/** Deals out so many packets, and gives what each consumer got. */
async function deal(it: ReturnType<typeof dealt>, frames: readonly Uint8Array[], options: DistributorOptions = {}) {
  const distributor = new Distributor(it.from, it.to, { count: frames.length, ...options });
  const done = distributor.start();
  const got = it.consumers.map(() => [] as Buffer[]);
  const collect = () => it.consumers.forEach((port, k) => got[k].push(...take(port)));
  const batch = it.feed.txRings[0].numSlots - 1;
  for (let k = 0; k < frames.length;) {
    it.feed.txSync();
    const room = Math.min(batch, it.feed.txRings[0].available, frames.length - k);
    await send(it.feed, frames.slice(k, k + room));
    k += room;
    collect();
    await new Promise((later) => setImmediate(later));
  }
  let over = false;
  void done.finally(() => (over = true));
  while (!over) {
    collect();
    await new Promise((later) => setImmediate(later));
  }
  await done;
  collect();
  return { got, stats: distributor.stats(), details: distributor.details() };
}

/** A packet of a flow, one way or the other. */
function packet(flow: number, back: boolean, number: number): Buffer {
  const ends = [
    { srcIp: `10.0.${flow >> 8}.${flow & 255}`, srcPort: 1000 + flow },
    { dstIp: '192.168.1.1', dstPort: 80 },
  ];
  const turned = { srcIp: ends[1].dstIp, srcPort: ends[1].dstPort, dstIp: ends[0].srcIp, dstPort: ends[0].srcPort };
  const payload = Buffer.alloc(8);
  payload.writeUInt32BE(flow);
  payload.writeUInt32BE(number, 4);
  return Buffer.from(udp({ ...(back ? turned : { ...ends[0], ...ends[1] }), payload }));
}

t.test('flows stay together and in order, both directions; nothing is lost or copied', async (t) => {
  using it = dealt(3, 256);
  const frames = Array.from({ length: 3000 }, (_, k) => packet(random.below(200), random.below(2) === 1, k));
  const { got, stats, details } = await deal(it, frames, { full: 'block' });
  const owner = new Map<number, number>();
  for (const [consumer, packets] of got.entries()) {
    let last = -1;
    for (const bytes of packets) {
      const [flow, number] = [bytes.readUInt32BE(42), bytes.readUInt32BE(46)];
      if ((owner.get(flow) ?? consumer) !== consumer) t.fail(`flow ${flow} is with two consumers`);
      owner.set(flow, consumer);
      if (number <= last) t.fail('out of order');
      last = number;
      if (Buffer.compare(bytes, frames[number]) !== 0) t.fail(`packet ${number} was changed`);
    }
    t.ok(packets.length > 500, `consumer ${consumer} got ${packets.length} packets`);
  }
  t.equal(got.flat().length, 3000);
  t.match(stats, { packets: 3000, undelivered: 0, refused: 0, dropped: 0 });
  for (const [k, each] of stats.consumers.entries()) {
    t.match(each, { port: it.to[k].name, packets: got[k].length, dropped: 0, group: 0, zeroCopy: true });
  }
  t.equal(details.shares.consumers.length, 3);
});

t.test('a hook chooses, and drops', async (t) => {
  using it = dealt(2);
  const frames = Array.from({ length: 300 }, (_, k) => packet(k, false, k));
  const seen: number[] = [];
  const { got, stats } = await deal(it, frames, {
    choose: (u8, offset) => {
      const flow = (u8[offset + 44] << 8) | u8[offset + 45];
      seen.push(flow);
      return flow % 3 === 2 ? false : flow % 3;
    },
  });
  t.strictSame(
    seen,
    Array.from({ length: 300 }, (_, k) => k),
    'each packet once',
  );
  for (const k of [0, 1]) t.ok(got[k].length === 100 && got[k].every((bytes) => bytes.readUInt32BE(42) % 3 === k));
  t.match(stats, { packets: 300, refused: 100 });
});

t.test('a consumer that has no room misses packets, or all wait for it', async (t) => {
  for (const full of ['drop', 'block'] as const) {
    using it = dealt(2, 32);
    const distributor = new Distributor(it.from, [it.to[0], { port: it.to[1], full }], {
      choose: (u8, offset) => u8[offset + 45] % 2,
      timeout: 0.3,
    });
    const done = distributor.start();
    for (let k = 0; k < 100; k += 20) {
      it.feed.txSync();
      const room = Math.min(20, it.feed.txRings[0].available);
      await send(
        it.feed,
        Array.from({ length: room }, (_, n) => packet(k + n, false, k + n)),
      );
      take(it.consumers[0]);
      await new Promise((later) => setTimeout(later, 20));
    }
    await done;
    const { consumers, undelivered, packets } = distributor.stats();
    t.equal(consumers[1].packets, 31, 'as many as a ring of 32 slots takes');
    if (full === 'drop') {
      t.strictSame([packets, undelivered, consumers[0].packets], [100, 19, 50]);
    } else {
      t.equal(undelivered, 0);
      t.ok(packets < 100, `${packets} packets`);
    }
  }
});

t.test('every group gets every packet; frames over several slots go whole', async (t) => {
  using it = dealt(3, 256);
  const frames = Array.from({ length: 200 }, (_, k) => Buffer.from(random.bytes(k % 10 === 0 ? 5000 : 60 + k)));
  const distributor = new Distributor(it.from, [[it.to[0], it.to[1]], [it.to[2]]], { count: 200, full: 'block' });
  const done = distributor.start();
  const got: Buffer[][] = [[], [], []];
  for (let k = 0; k < 200; k += 20) {
    await send(it.feed, frames.slice(k, k + 20));
    while (distributor.stats().packets < k + 20) await new Promise((later) => setTimeout(later, 1));
    it.consumers.forEach((port, n) => got[n].push(...take(port)));
    it.feed.txSync();
  }
  await done;
  it.consumers.forEach((port, n) => got[n].push(...take(port)));
  t.strictSame(got[2].length, 200);
  t.ok(got[2].every((bytes, k) => Buffer.compare(bytes, frames[k]) === 0));
  t.strictSame(got[0].length + got[1].length, 200);
  t.match(distributor.stats(), { undelivered: 0, consumers: [{ group: 0 }, { group: 0 }, { group: 1, packets: 200 }] });
});

t.test('consumers elsewhere get copies', async (t) => {
  using from = open(pipe('{', `e${++names}`));
  using feed = open(from.name.replace('{', '}'));
  using to = open(pipe('{', '1').replace('netmap:t', `netmap:e${names}t`));
  using consumer = open(to.name.replace('{', '}'));
  await using distributor = new Distributor(from, [to], { count: 5 });
  const done = distributor.start();
  const frames = Array.from({ length: 5 }, (_, k) => packet(k, false, k));
  await send(feed, frames);
  await done;
  const got = take(consumer);
  t.ok(got.length === 5 && got.every((bytes, k) => Buffer.compare(bytes, frames[k]) === 0));
  t.equal(distributor.stats().consumers[0].zeroCopy, from.canSwapWith(to));
});

t.test('wrong arguments', (t) => {
  using it = dealt(2);
  const make = (from: unknown, to: unknown, options?: unknown) =>
    codeOf(() => new Distributor(from as Port, to as Port[], options as DistributorOptions));
  for (const to of [undefined, 5, [], [5], [{ port: 5 }], ['x'], [it.to[0], [it.to[1]]]]) {
    t.equal(make(it.from, to), 'ERR_INVALID_ARG_TYPE');
  }
  t.equal(make('vale0:a', it.to), 'ERR_INVALID_ARG_TYPE');
  t.equal(make(it.from, it.to, { choose: 5 }), 'ERR_INVALID_ARG_TYPE');
  for (const to of [
    [[]],
    [it.from],
    [it.to[0], it.to[0]],
    [{ port: it.to[0], full: 'x' }],
    [{ port: it.to[0], x: 1 }],
  ]) {
    t.equal(make(it.from, to), 'ERR_INVALID_ARG_VALUE');
  }
  t.equal(make(it.from, it.to, { full: 'x' }), 'ERR_INVALID_ARG_VALUE');
  t.equal(make(it.from, it.to, { count: 0 }), 'ERR_OUT_OF_RANGE');
  t.end();
});
