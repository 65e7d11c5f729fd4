/** Rules as filters of the apps and the tools. */
import t from 'tap';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import './support/engine-folder';
import { pipe, vale } from './folder';
import { classic } from './make-capture';
import { Cli } from './support/cli';
import { send } from './support/whole-frames';
import {
  Bridge,
  Capture,
  open,
  PcapReader,
  Replay,
  Ruleset,
  Sink,
  tcp,
  udp,
  type Port,
  type RuleLogEntry,
} from 'node-netmap';

/** Every third frame is TCP, every fifth is over several slots. */
function traffic(count: number, bufSize: number): Uint8Array[] {
  return Array.from({ length: count }, (_, k) => {
    const payload = k % 5 === 0 ? new Uint8Array(bufSize + k) : new Uint8Array(k % 40);
    const make = k % 3 === 0 ? tcp : udp;
    return make({ dstPort: 1000 + k, payload });
  });
}

const isTcp = (k: number) => k % 3 === 0;

function framesOf(path: string): Buffer[] {
  const all: Buffer[] = [];
  for (const { data } of PcapReader.open(path)) all.push(Buffer.from(data));
  return all;
}

let pipes = 0;

function ends(slots = 64): [Port, Port] {
  const name = `f${pipes++}`;
  return [open(pipe('{', name, `@conf:slots=${slots}`)), open(pipe('}', name))];
}

const COUNT = 300;

t.test('a sink looks at what passes', async (t) => {
  const [from, to] = ends();
  const all = traffic(COUNT, from.txRings[0].bufSize);
  for (const filter of ['tcp', new Ruleset('add deny udp from any to any')]) {
    const seen: number[] = [];
    const sink = new Sink(to, {
      filter,
      count: COUNT,
      protocols: true,
      hook: (u8, offset) => seen.push(u8[offset + 36] * 256 + u8[offset + 37]),
    });
    const done = sink.start();
    await send(from, all);
    await done;
    t.match(sink.stats(), { packets: COUNT, unmatched: (2 * COUNT) / 3 });
    t.strictSame(
      seen,
      all.flatMap((_, k) => (isTcp(k) ? [1000 + k] : [])),
    );
    t.equal(sink.details().shares?.protocols.find(({ name }) => /tcp/i.test(name))?.packets, COUNT / 3);
  }
  const sink = new Sink(to, { filter: 'tcp', match: { dstPort: '1000-1149' }, count: COUNT });
  const done = sink.start();
  await send(from, all);
  await done;
  t.match(sink.stats(), { packets: COUNT, unmatched: COUNT - 50 }, 'filter and match: both');
  from.close();
  to.close();
});

t.test("a sink's rules count, log, and know the port", async (t) => {
  const [from, to] = ends();
  const rules = new Ruleset(
    `add 10 count tcp from any to any recv ${to.name}\nadd 20 deny log tcp from any to any 1030`,
  );
  const logged: RuleLogEntry[] = [];
  rules.on('log', (entry) => logged.push(entry));
  const sink = new Sink(to, { filter: rules, count: COUNT });
  const done = sink.start();
  await send(from, traffic(COUNT, from.txRings[0].bufSize));
  await done;
  t.match(sink.stats(), { unmatched: 1 });
  t.equal(rules.rules()[0].packets, COUNT / 3);
  t.match(logged, [{ rule: 20, action: 'deny', recv: to.name }]);
  t.equal(logged.length, 1);
  from.close();
  to.close();
});

t.test('a capture keeps what passes', async (t) => {
  const [from, to] = ends();
  const file = join(t.testdir(), 'out.pcap');
  const all = traffic(COUNT, from.txRings[0].bufSize);
  const capture = new Capture(to, { file, filter: 'tcp', count: COUNT / 3 });
  const done = capture.start();
  await send(from, all);
  await done;
  t.match(capture.stats(), { packets: COUNT / 3 });
  t.strictSame(
    framesOf(file),
    all.filter((_, k) => isTcp(k)).map((frame) => Buffer.from(frame)),
  );
  from.close();
  to.close();
});

t.test('a bridge lets pass what may pass, each way by its own rules', async (t) => {
  const name = `f${pipes++}`;
  const near = [open(pipe('{', `${name}1`, '@conf:slots=64'))];
  near.push(open(near[0].name.replace(`${name}1`, `${name}2`)));
  const far = near.map((port) => open(port.name.replace('{', '}')));
  const bridge = new Bridge(near[0], near[1], {
    filter: `add deny udp from any to any out recv ${near[0].name} xmit ${near[1].name}\nadd deny tcp from any to any in`,
  });
  const done = bridge.start();
  const all = traffic(COUNT, far[0].txRings[0].bufSize);
  const sinks = far.map((port, k) => new Sink(port, { count: k === 0 ? (2 * COUNT) / 3 : COUNT / 3, protocols: true }));
  const received = sinks.map((sink) => sink.start());
  await Promise.all(far.map((port) => send(port, all)));
  await Promise.all(received);
  bridge.stop();
  await done;
  t.match(bridge.stats(), { packets: COUNT, directions: [{ refused: 200 }, { refused: 100 }] });
  const names = sinks.map((sink) =>
    sink
      .details()
      .shares?.protocols.map(({ name }) => name.toLowerCase())
      .join(),
  );
  t.match(names[0], /udp/);
  t.notMatch(names[0], /tcp/);
  t.match(names[1], /tcp/);
  t.notMatch(names[1], /udp/);
  t.throws(() => new Bridge(near[0], near[1], { filter: 'tcp', hook: () => true }), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => new Bridge(near[0], near[1], { filter: 'tcpp' }), { code: 'ERR_NETMAP_RULE' });
  for (const port of [...near, ...far]) port.close();
});

t.test('a replay sends what its rules want, on the clock of the capture', async (t) => {
  const path = join(t.testdir(), 'in.pcap');
  const [from, to] = ends(1024);
  const all = traffic(COUNT, 1000).map((data, k) => ({ data, time: [1_700_000_000 + 10 * k, 0] as [number, number] }));
  // A question and its answer, in time and too late: state of UDP lives for 10 s.
  const [ask, answer] = [
    { srcPort: 5, dstPort: 53 },
    { srcPort: 53, dstPort: 5 },
  ].map((ports, k) => udp({ ...ports, srcIp: `10.0.0.${1 + k}`, dstIp: `10.0.0.${2 - k}` }));
  const cases: [string, { data: Uint8Array; time: [number, number] }[], (k: number) => boolean][] = [
    ['tcp', all, isTcp],
    [`add deny udp from any to any out xmit ${from.name}`, all, isTcp],
    ['add allow ip from any to any out xmit other\nadd deny ip from any to any', all, () => false],
    [
      'add check-state\nadd allow udp from any to any 53 keep-state\nadd deny ip from any to any',
      [ask, answer, ask, answer].map((data, k) => ({ data, time: [[0, 9, 100, 120][k], 0] })),
      (k) => k !== 3,
    ],
  ];
  for (const [filter, packets, wanted] of cases) {
    writeFileSync(path, classic(packets));
    for (const preload of [true, false]) {
      const replay = new Replay(from, { file: path, speed: Infinity, loop: 2, preload, filter });
      const sent = packets.filter((_, k) => wanted(k));
      const sink = new Sink(to, { count: Math.max(1, 2 * sent.length) });
      const done = sink.start();
      await replay.start();
      if (sent.length === 0) sink.stop();
      await done;
      const passes = sent.length > 0 ? 2 : 1;
      t.match(replay.stats(), {
        packets: 2 * sent.length,
        refused: passes * (packets.length - sent.length),
        skipped: 0,
      });
      const bytes = 2 * sent.reduce((sum, { data }) => sum + data.length, 0);
      t.match(sink.stats(), { packets: 2 * sent.length, bytes });
    }
  }
  t.throws(() => new Replay(from, { file: path, filter: 'tcpp' }), { code: 'ERR_NETMAP_RULE' });
  t.throws(() => new Replay(from, { file: path, filter: new Ruleset() as unknown as string }), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
  from.close();
  to.close();
});

t.test('bridge --filter, with a thread for each ring and without', async (t) => {
  for (const rest of [[], ['--threads']]) {
    const [a, b] = ['a', 'b'].map((port) => vale(`${port}${pipes++}`).replace('vale', `vale${port}`));
    const bridge = new Cli(t, ['bridge', a, b, '--filter', 'not proto tcp', '--duration', '2', '--json', ...rest]);
    await bridge.said(/"start"/);
    const from = open(a.replace(/:.*/, ':far'));
    const to = open(b.replace(/:.*/, ':far'));
    const all = Array.from({ length: 30 }, (_, k) => (isTcp(k) ? tcp : udp)({ dstMac: 'ff:ff:ff:ff:ff:ff' }));
    const sink = new Sink(to, { count: 20 });
    const done = sink.start();
    await send(from, all);
    await done;
    from.close();
    to.close();
    t.match((await bridge.ended).summary, { packets: 20, refused: 10 });
  }
});

t.test('the tools: --filter and --filter-file', async (t) => {
  const folder = t.testdir({ 'rules.conf': '# nothing but TCP\nadd deny udp from any to any\n' });
  const input = join(folder, 'in.pcap');
  const output = join(folder, 'out.pcap');
  writeFileSync(
    input,
    classic(Array.from({ length: 30 }, (_, k) => ({ data: (isTcp(k) ? tcp : udp)({ dstMac: 'ff:ff:ff:ff:ff:ff' }) }))),
  );
  const sink = new Cli(t, ['sink', vale('s'), '--filter', 'tcp dst-port 1-65535', '--count', '30', '--json']);
  const capture = new Cli(t, [
    'capture',
    vale('c'),
    output,
    '--filter-file',
    join(folder, 'rules.conf'),
    '--count',
    '10',
  ]);
  await Promise.all([sink.said(/"start"/), capture.said(/ on the engine: /)]);
  const replay = await new Cli(t, ['replay', input, vale('r'), '--top-speed', '--filter', 'not dst-port 81']).ended;
  t.equal(replay.code, 0);
  t.match(replay.stdout, /sent 30 packets/);
  t.match((await sink.ended).summary, { packets: 30, unmatched: 20 });
  const { code, stdout } = await capture.ended;
  t.equal(code, 0);
  t.match(stdout, /captured 10 packets[^]*\d+ packets denied by the filter/);
  t.equal(framesOf(output).length, 10);
  const dry = await new Cli(t, ['replay', input, vale('r'), '--top-speed', '--filter', 'tcp']).ended;
  t.match(dry.stdout, /sent 10 packets[^]*left out by the filter: 20 packets/);
  const wrong = await new Cli(t, ['sink', vale('s'), '--filter', 'tcp dst-prt 80']).ended;
  t.equal(wrong.code, 2);
  t.match(wrong.stderr, /column 5: .*'dst-prt'\n {2}tcp dst-prt 80\n {6}\^/);
  const none = await new Cli(t, ['capture', vale('s'), output, '--filter-file', join(folder, 'none')]).ended;
  t.equal(none.code, 2);
  t.match(none.stderr, /no such file/);
});

t.test('the tools: what rules with "log" match is a line each, or goes into a capture', async (t) => {
  const folder = t.testdir({});
  const [input, output, log] = ['in.pcap', 'out.pcap', 'log.pcap'].map((name) => join(folder, name));
  const frames = Array.from({ length: 6 }, (_, k) => (isTcp(k) ? tcp : udp)({ dstMac: 'ff:ff:ff:ff:ff:ff' }));
  writeFileSync(input, classic(frames.map((data) => ({ data }))));
  const rules = 'add 10 deny log tcp from any to any';
  const [a, b] = [vale('x'), vale('y').replace('vale', 'valey')];
  const sink = new Cli(t, ['sink', vale('s'), '--filter', rules, '--count', '6', '--json']);
  const capture = new Cli(t, ['capture', vale('c'), output, '--filter', rules, '--log', log, '--count', '4', '--json']);
  const bridge = new Cli(t, ['bridge', a, b, '--filter', rules, '--count', '4']);
  await Promise.all([sink.said(/"start"/), capture.said(/"start"/), bridge.said(/ on the engine/)]);
  const replay = await new Cli(t, ['replay', input, vale('r'), '--top-speed']).ended;
  t.equal(replay.code, 0);
  const seen = await sink.ended;
  t.match(
    seen.lines.filter(({ type }) => type === 'log'),
    [
      { rule: 10, action: 'deny', direction: 'in', recv: vale('s'), length: frames[0].length, packet: / TCP / },
      { rule: 10 },
    ],
  );
  t.match(seen.summary, { packets: 6, unmatched: 2 });
  const kept = await capture.ended;
  t.notOk(kept.lines.some(({ type }) => type === 'log'));
  t.strictSame(
    framesOf(log),
    [frames[0], frames[3]].map((frame) => Buffer.from(frame)),
  );
  t.equal(framesOf(output).length, 4);
  const passed = await bridge.ended;
  t.match(passed.stdout, /^rule 10 deny out recv vale.* xmit valey.* length \d+: .* TCP /m);
  const silent = await new Cli(t, ['replay', input, vale('r'), '--top-speed', '--filter', rules]).ended;
  t.match(silent.stderr, /"log" match is not told by replay: .* sink --filter/);
  t.match(silent.stdout, /sent 4 packets/);
  const alone = await new Cli(t, ['sink', vale('s'), '--log', log]).ended;
  t.equal(alone.code, 2);
  t.match(alone.stderr, /--log.* needs rules with "log": --filter or --filter-file/);
  const threads = await new Cli(t, ['sink', vale('s'), '--filter', rules, '--log', log, '--threads', '1']).ended;
  t.equal(threads.code, 2);
  t.match(threads.stderr, /--log.*--threads/);
});
