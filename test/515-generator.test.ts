import t from 'tap';
import { vale } from './folder';
import {
  buildPacket,
  Generator,
  LAYER,
  open,
  PacketView,
  PingPong,
  Sink,
  tcp,
  udp,
  verifyFrame,
  Workers,
  type GeneratorOptions,
  type Port,
  type SinkOptions,
  type SinkStats,
} from 'node-netmap';

let serial = 0;

/** Sends by one port of a switch of its own to another; all of it fits into the receiver's ring. */
async function exchange(options: GeneratorOptions, sinkOptions: SinkOptions = {}) {
  const id = serial++;
  using from = open(vale(`from${id}`));
  using to = open(vale(`to${id}@conf:rx-slots=4096`));
  const frames: Uint8Array[] = [];
  const hook: SinkOptions['hook'] = (u8, offset, length) => {
    frames.push(u8.slice(offset, offset + length));
  };
  const generator = new Generator(from, options);
  const sink = new Sink(to, { check: true, hook, ...sinkOptions });
  await generator.start();
  const done = sink.start();
  sink.stop();
  await done;
  return { frames, sent: generator.stats(), got: sink.stats(), generator, sink, details: sink.details() };
}

function views(frames: readonly Uint8Array[]): PacketView[] {
  return frames.map((frame) => {
    const view = new PacketView(frame);
    view.parse(0, frame.length);
    return view;
  });
}

const FLAWLESS = { lost: 0, reordered: 0, duplicated: 0, corrupt: 0, unnumbered: 0 };

t.test('numbered packets arrive, and a sink checks them', async (t) => {
  const { frames, sent, got } = await exchange({ count: 1000, stream: 9 });
  t.match(sent, { packets: 1000, bytes: 60_000, pending: 0, givenUp: 0 });
  t.match(got, { packets: 1000, bytes: 60_000, dropped: 0, streams: 1, ...FLAWLESS });
  t.ok(frames.every((frame) => verifyFrame(frame) === 'valid'));
});

t.test('sweeps: ranges, lists, networks, random with a seed, nested, per flow', async (t) => {
  const vary = {
    srcIp: '10.0.0.1-10.0.0.3',
    dstIp: '192.168.4.0/30',
    srcPort: 'random:1000-1999',
    dstPort: 'nested:80,443',
    ttl: '10-30+10',
  };
  const first = await exchange({ count: 600, vary, seed: 5 });
  t.match(first.got, FLAWLESS);
  const packets = views(first.frames);
  t.ok(
    first.frames.every((frame) => verifyFrame(frame) === 'valid'),
    'all checksums are right',
  );
  const column = (of: (view: PacketView) => number) => packets.map(of);
  t.strictSame(column(({ ipv4 }) => ipv4.src).slice(0, 4), [0x0a000001, 0x0a000002, 0x0a000003, 0x0a000001]);
  t.strictSame([...new Set(column(({ ipv4 }) => ipv4.dst))], [0xc0a80400, 0xc0a80401, 0xc0a80402, 0xc0a80403]);
  t.strictSame(column(({ ipv4 }) => ipv4.ttl).slice(0, 4), [10, 20, 30, 10]);
  const ports = column((view) => view.udp.srcPort);
  t.ok(Math.min(...ports) >= 1000 && Math.max(...ports) <= 1999 && new Set(ports).size > 300);
  const again = await exchange({ count: 600, vary, seed: 5 });
  t.strictSame(again.frames, first.frames, 'the same seed makes the same packets');
  const other = await exchange({ count: 600, vary, seed: 6 });
  t.notSame(
    views(other.frames).map((view) => view.udp.srcPort),
    ports,
  );
});

t.test('flows', async (t) => {
  const { frames, details, got } = await exchange({ count: 1000, flows: 50 }, { flows: true, protocols: true });
  const flows = new Map<string, number>();
  for (const view of views(frames)) {
    const name = `${view.ipv4.src}:${view.udp.srcPort}`;
    flows.set(name, (flows.get(name) ?? 0) + 1);
  }
  t.equal(flows.size, 50);
  t.ok([...flows.values()].every((n) => n === 20));
  t.equal(got.flows, 50);
  t.equal(details.shares?.flows.length, 50);
  t.match(details.shares?.flows[0], { packets: 20, bytes: 1200, name: /^10\.0\.\d+\.\d+:\d+ > 10\.1\.0\.1:1234 UDP$/ });
  t.strictSame(details.shares?.protocols, [{ name: 'IPv4 UDP', packets: 1000, bytes: 60_000 }]);
  const fragment = buildPacket([
    { layer: 'ethernet' },
    { layer: 'ipv4', src: '10.0.0.1', dst: '10.1.0.1', protocol: 17, fragmentOffset: 1480 },
    { layer: 'payload', data: new Uint8Array(100) },
  ]);
  const late = await exchange({ count: 5, template: fragment }, { flows: true });
  t.strictSame(
    late.details.shares?.flows.map(({ name }) => name),
    ['10.0.0.1 > 10.1.0.1 UDP'],
    'fragments have no ports',
  );
});

t.test('IPv6, VLAN, TCP and other templates carry numbers where there is room', async (t) => {
  const six = await exchange({ count: 200, vary: { srcIp: '2001:db8::1-2001:db8::ff', flowLabel: '0-1048575' } });
  t.match(six.got, FLAWLESS);
  t.ok(views(six.frames).every((view) => view.has(LAYER.IPV6 | LAYER.UDP)));
  t.equal(six.generator.numbered, true);
  const tagged = await exchange({ count: 200, frame: { vlan: 7 }, vary: { vlan: '1-100' } });
  t.match(tagged.got, FLAWLESS);
  t.equal(new Set(views(tagged.frames).map(({ vlan }) => vlan.id)).size, 100);
  const template = [tcp({ payload: 100, flags: 'A' }), udp({ payload: 30, dstPort: 53 })];
  const two = await exchange({ count: 200, template, numbered: true, vary: { srcPort: '1-1000' } });
  t.match(two.got, FLAWLESS);
  t.equal(views(two.frames).filter((view) => view.has(LAYER.TCP)).length, 100);
  const plain = await exchange({ count: 10, template: udp({ payload: 'as it is' }) });
  t.equal(plain.got.unnumbered, 10);
  t.strictSame(plain.frames[9], udp({ payload: 'as it is' }));
});

t.test('sizes: the Internet mix, and lengths at random', async (t) => {
  const { frames, got } = await exchange({ count: 1200, sizes: 'imix' });
  t.match(got, FLAWLESS);
  const count = (length: number) => frames.filter((frame) => frame.length === length).length;
  t.strictSame([count(60), count(590), count(1514)], [700, 400, 100]);
  const random = await exchange({ count: 500, sizes: { from: 60, to: 99 } });
  t.match(random.got, FLAWLESS);
  t.ok(new Set(random.frames.map(({ length }) => length)).size > 30);
});

t.test('long frames over several slots, and several rings', async (t) => {
  const { got } = await exchange({ count: 20, frame: { length: 9000 } }, { hook: undefined });
  t.match(got, { packets: 20, bytes: 180_000, ...FLAWLESS });
  const cut = await exchange({ count: 20, frame: { length: 1000 }, fragment: 300 }, { hook: undefined });
  t.match(cut.got, { packets: 20, bytes: 20_000, ...FLAWLESS });
  using from = open('null:', { device: 'engine', txRings: 2 });
  const generator = new Generator(from, { count: 10_000, rings: 'all' });
  await generator.start();
  t.equal(generator.stats().packets, 10_000);
});

t.test('a hook may change every packet, and sees batches', async (t) => {
  let seen = 0;
  let view: PacketView | undefined;
  const { frames } = await exchange({
    count: 300,
    hook: (u8, offset, length) => {
      view ??= new PacketView(u8);
      view.parse(offset, length);
      view.replaceSrcIp(0xac100000 + seen++);
    },
    batchHook: (ring, first, slots, count) => t.ok(slots === count && first < ring.numSlots),
  });
  t.equal(seen, 300);
  t.strictSame(
    views(frames).map(({ ipv4 }) => ipv4.src & 0xffff),
    Array.from({ length: 300 }, (_, k) => k),
  );
  t.ok(frames.every((frame) => verifyFrame(frame) === 'valid'));
});

t.test('what a sink looks at', async (t) => {
  const match = { protocol: 'udp', dstPort: '80,90-99', srcIp: '10.0.0.0/30', length: '!61' } as const;
  const { got, frames } = await exchange(
    { count: 640, vary: { dstPort: '80-119', srcIp: 'nested:10.0.0.0-10.0.0.7' } },
    { match },
  );
  // 11 of 40 ports, and 4 of 8 addresses.
  t.equal(frames.length, (640 * 11 * 4) / (40 * 8));
  t.match(got, { packets: 640, unmatched: 640 - frames.length });
  const six = await exchange({ count: 100, frame: { srcIp: 'fd00::5' } }, { match: { srcIp: 'fd00::/64' } });
  t.equal(six.got.unmatched, 0);
});

t.test('latency and gaps', async (t) => {
  const { got, details } = await exchange({ count: 500, timestamps: true }, { latency: true, gaps: true });
  t.equal(got.skewed, 0);
  const { latency, gap } = details.histograms!;
  t.equal(latency.count, 500);
  t.ok(latency.min > 0 && latency.percentiles['99'] >= latency.percentiles['50']);
  t.equal(
    latency.buckets.reduce((sum, [, n]) => sum + n, 0),
    500,
  );
  t.equal(gap.count, 499);
});

t.test('rates are kept, and the generator says how exactly', async (t) => {
  for (const options of [
    { rate: '20k' },
    { rate: 20_000, pattern: 'poisson' },
    { rate: '13.44Mbps', wait: 'sleep' },
  ] as const) {
    using port = open('null:', { device: 'engine' });
    const generator = new Generator(port, { ...options, count: 2000 });
    await generator.start();
    const { seconds, packets } = generator.stats();
    const { late, gap, gapError, lateRunning, away, plannedGap } = generator.details().histograms!;
    t.equal(packets, 2000);
    // No faster than planned: how much slower is the machine's affair.
    t.ok(seconds > 0.09, `${seconds} s`);
    t.equal(late.count, 2000);
    t.equal(gap.count, 1999);
    t.equal(gapError.count, 1999);
    if ('wait' in options) t.strictSame([lateRunning, away], [undefined, undefined], 'who sleeps does not see it');
    else {
      t.equal(lateRunning.count, 2000);
      t.ok(lateRunning.mean <= late.mean && lateRunning.max <= late.max);
      t.ok(away.count === 0 || away.min > 5000, 'what is shorter is not told from looking at the clock');
    }
    if ('pattern' in options) {
      t.ok(plannedGap.count >= 1999, 'the next one is planned already');
      t.ok(plannedGap.mean > 45_000 && plannedGap.mean < 55_000, `${plannedGap.mean} ns`);
    } else t.equal(plannedGap, undefined);
  }
});

t.test('workers of one port count what it drops once', async (t) => {
  using from = open(vale('manyfrom'));
  using to = open(vale('manyto@conf:rings=2'));
  const sinks = new Workers<SinkStats>(to, 'Sink', { options: { timeout: 0.05 } });
  await new Generator(from, { count: 5000 }).start();
  await sinks.start();
  t.match(sinks.stats(), { packets: 1023, dropped: 5000 - 1023 });
});

t.test('options that make no packets are refused with their names', async (t) => {
  using port: Port = open('null:', { device: 'engine' });
  const cases: [GeneratorOptions, RegExp][] = [
    [{ rate: 'fast' }, /"rate" must be a number, or text/],
    [{ rate: 0 }, /"rate" must be greater than 0/],
    [{ vary: { srcPort: '5-2' } }, /"vary.srcPort" must go from a smaller value/],
    [{ vary: { srcPort: '1-70000' } }, /"srcPort" must be a whole number from 0 to 65535/],
    [{ vary: { vni: '1-2' } }, /"vary" names vni, which no frame has/],
    [{ vary: { nonsense: '1' } as object }, /"vary" knows srcMac/],
    [{ vary: { vlan: '1-2', priority: '0-7' }, frame: { vlan: 1 } }, /vlan and priority together/],
    [{ frame: { srcIp: 'fd00::1' }, vary: { srcIp: 'fd01::1-fd01::2' } }, /"vary.srcIp" must lie in the \/64/],
    [{ template: udp(), sizes: 'imix' }, /"template" cannot go with frame or sizes/],
    [{ template: [] }, /"template" must be a frame/],
    [{ sizes: [{ length: 9 }] }, /"sizes\[0\].length"/],
    [{ count: 0 }, /"count" must be greater than 0/],
    [{ batch: 0 }, /"batch" must be an integer/],
    [{ rings: [3] }, /"rings" must be indices from 0 to 0/],
    [{ wait: 'long' as never }, /"wait" must be/],
    [{ packets: 5 } as object, /"options" knows/],
    [{ frame: { length: 9_999_999 } }, /"length"/],
  ];
  for (const [options, message] of cases) t.throws(() => new Generator(port, options), { message });
  t.throws(() => new Sink(port, { match: { srcPort: 'x' } }), { message: /"srcPort" must be a whole number/ });
  t.throws(() => new Sink(port, { match: { vni: 1 } }), { message: /"match" knows/ });
  t.throws(() => new Sink(port, { flows: -1 }), { message: /"flows"/ });
});

t.test('ping and pong', async (t) => {
  using a = open(vale('ping'));
  using b = open(vale('pong'));
  await using pong = new PingPong(b, { role: 'pong' });
  const done = pong.start();
  const ping = new PingPong(a, { count: 20, timeout: 5, stream: 3 });
  await ping.start();
  pong.stop();
  await done;
  t.match(ping.stats(), { sent: 20, packets: 20, lost: 0 });
  t.equal(pong.stats().packets, 20);
  const { roundTrip, overhead } = ping.details().histograms!;
  t.equal(roundTrip.count, 20);
  t.equal(overhead.count, 1000);
  const lonely = new PingPong(a, { count: 2, timeout: 0.01, wait: 'block' });
  await lonely.start();
  t.match(lonely.stats(), { sent: 2, packets: 0, lost: 2 });
  t.throws(() => new PingPong(a, { frame: { payload: 3 } }), { message: /"frame" must have a payload of at least 18/ });
});

t.test('a port that closes meanwhile ends them with an error', async (t) => {
  const port = open('null:', { device: 'engine' });
  const generator = new Generator(port, {});
  const running = generator.start();
  setTimeout(() => port.close(), 20);
  await t.rejects(running, { code: 'ERR_NETMAP_CLOSED' });
});
