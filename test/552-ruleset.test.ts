import t from 'tap';
import { join } from 'node:path';
import { pipe, scratch } from './folder';
import {
  forward,
  icmp,
  open,
  parsePacket,
  PcapReader,
  PcapWriter,
  Ruleset,
  tcp,
  udp,
  VERDICT,
  type ClassifyOptions,
  type RuleLogEntry,
  type RulesetOptions,
  type RuleSpec,
} from 'node-netmap';

const web = tcp({ srcIp: '10.0.0.1', dstIp: '10.0.0.2', srcPort: 4000, dstPort: 80, flags: 'S' });
const answer = tcp({ srcIp: '10.0.0.2', dstIp: '10.0.0.1', srcPort: 80, dstPort: 4000, flags: 'SA' });
const dns = udp({ srcIp: '10.0.0.1', dstIp: '10.9.9.9', srcPort: 5000, dstPort: 53 });

/** Frames in one piece, as a capture has them. */
function pack(frames: readonly Uint8Array[]): [data: Uint8Array, places: Uint32Array] {
  let at = 0;
  const places = frames.flatMap(({ length }) => [(at += length) - length, length, length]);
  return [Buffer.concat(frames), Uint32Array.from(places)];
}

t.test('verdicts on single frames', async (t) => {
  const rules = new Ruleset([
    'add 100 pipe 7 tag 5 setmark 9 tcp from any to any 80',
    { number: 200, action: 'deny', proto: 'udp', dstPort: [53, '1000-2000'], comment: 'no DNS' },
    'add 300 queue tablearg ip from table(nets) to any',
    'table nets add 10.0.0.0/24 17',
  ]);
  t.strictSame(rules.match(dns), {
    action: 'deny',
    rule: 200,
    tags: [],
    mark: 0,
    onePass: true,
    edited: false,
  });
  t.match(rules.match(icmp({ srcIp: '10.0.0.77' })), { action: 'queue', target: 17, rule: 300 });
  t.match(rules.match(icmp({ srcIp: '10.1.0.77' })), { action: 'allow', rule: 65535 });
  t.match(rules.match(web), { action: 'pipe', target: 7, rule: 100, tags: [5], mark: 9 });
  const reports = rules.rules();
  t.strictSame(
    reports.map(({ number, packets }) => [number, packets]),
    [
      [100, 1],
      [200, 1],
      [300, 1],
      [65535, 1],
    ],
  );
  t.match(reports[1], { text: 'deny udp from any to any dst-port 53,1000-2000', comment: 'no DNS', bytes: dns.length });
  t.match(rules.show(), /^00200 1 +\d+ deny udp .* \/\/ no DNS$/m);
  t.match(rules.stats(), { rules: 4, states: 0 });
});

t.test('a batch in memory gets what its frames get one by one', async (t) => {
  const rules = new Ruleset('add deny udp from any to any\nadd pipe 3 tcp from any to any', { default: 'deny' });
  const [data, places] = pack([web, dns, icmp(), answer]);
  const verdicts = rules.classifyBytes(data, places);
  t.equal(verdicts.length, 4);
  t.strictSame(
    [0, 1, 2, 3].map((i) => [verdicts.action(i), verdicts.target(i), verdicts.rule(i), verdicts.allows(i)]),
    [
      [VERDICT.PIPE, 3, 200, false],
      [VERDICT.DENY, 0, 100, false],
      [VERDICT.DENY, 0, 65535, false],
      [VERDICT.PIPE, 3, 200, false],
    ],
  );
  t.equal(rules.classifyBytes(data, new Uint32Array(0)).length, 0);
  t.equal(rules.classifyBytes(new Uint8Array(0), Uint32Array.of(0, 0, 0)).length, 1, 'a frame without a byte');
});

t.test('frames of a ring and of a batch, with the port as recv', async (t) => {
  using from = open(pipe('{', 'rules'));
  using to = open(pipe('}', 'rules'));
  const rules = new Ruleset(
    [`add deny tcp from any to any recv ${to.name} in`, `add deny udp from any to any xmit ${from.name} out`],
    { default: 'allow' },
  );
  const { bufSize } = from.txRings[0];
  const long = udp({ dstPort: 77, payload: new Uint8Array(2 * bufSize) });
  for (const frame of [web, long, dns]) from.inject(frame);
  from.txSync();
  to.rxSync();
  const [ring] = to.rxRings;
  const verdicts = rules.classify(ring);
  t.equal(verdicts.length, 3);
  t.equal(verdicts.slots, 5);
  t.strictSame(
    [0, 1, 2].map((i) => [verdicts.allows(i), verdicts.slotsOf(i)]),
    [
      [false, 1],
      [true, 3],
      [true, 1],
    ],
  );
  t.strictSame([...verdicts.pass.subarray(0, 5)], [0, 1, 1, 1, 1]);
  t.equal(rules.classify(ring, { count: 3 }).length, 1, 'whole frames only');
  t.notOk(rules.classify(ring, { direction: 'out', xmit: from.name }).allows(2), 'another path');
  t.ok(rules.classify(ring, { recv: 'vale0:x' }).allows(0), 'another port');
  for await (const batch of to.batches()) {
    t.equal(rules.classify(batch).length, 3);
    break;
  }
  to.close();
  t.throws(() => rules.classify(ring), { code: 'ERR_NETMAP_CLOSED' });
});

t.test('forward takes what the rules have said', async (t) => {
  const ends = ['{', '}']
    .map((end) => open(pipe(end as '{', 'one')))
    .concat(['{', '}'].map((end) => open(pipe(end as '{', 'two'))));
  const [far, near, onward, last] = ends;
  const { bufSize } = far.txRings[0];
  const long = udp({ dstPort: 77, payload: new Uint8Array(2 * bufSize) });
  for (const frame of [web, long, dns, answer, dns]) far.inject(frame);
  far.txSync();
  near.rxSync();
  const rules = new Ruleset(
    'add deny tcp from any to any 80\nadd deny udp from any to any 77\nadd deny tcp from any 80 to any',
  );
  const [rx] = near.rxRings;
  t.throws(() => forward(rx, onward.txRings[0], 7, new Uint8Array(6)), { code: 'ERR_OUT_OF_RANGE', message: /pass/ });
  t.throws(() => forward(rx, onward.txRings[0], 7, 'all' as never), { code: 'ERR_INVALID_ARG_TYPE' });
  const verdicts = rules.classify(rx);
  t.equal(forward(rx, onward.txRings[0], verdicts.slots, verdicts.pass), 7);
  onward.txSync();
  last.rxSync();
  t.equal(last.rxRings[0].available, 2);
  t.strictSame(Buffer.from(last.rxRings[0].payload(last.rxRings[0].head)), Buffer.from(dns));
  for (const port of ends) port.close();
});

t.test('a condition as a filter, or whole rules', async (t) => {
  const passes = (text: string) =>
    [web, dns, icmp({ srcIp: '10.7.7.7' })].map((frame) => Ruleset.filter(text).match(frame).action);
  t.strictSame(passes('udp dst-port 53'), ['deny', 'allow', 'deny']);
  t.strictSame(passes('not { proto tcp or proto udp }'), ['deny', 'deny', 'allow']);
  t.strictSame(passes('{ src-ip 10.0.0.1 or src-ip 1.2.3.4 }'), ['allow', 'allow', 'deny']);
  t.strictSame(passes('{ ip6 or dst-port 53 }'), ['deny', 'allow', 'deny'], 'a block that begins with a protocol');
  t.strictSame(passes('{ tcp or udp }'), ['allow', 'allow', 'deny']);
  t.strictSame(passes('add deny udp from any to any'), ['allow', 'deny', 'allow']);
  t.strictSame(passes('# remark\nadd deny udp from any to any'), ['allow', 'deny', 'allow']);
  t.strictSame(passes(''), ['allow', 'allow', 'allow'], 'nothing is asked');
});

t.test('states live on the clock that comes with the frames', async (t) => {
  const rules = new Ruleset('add check-state\nadd allow tcp from 10.0.0.1 to any setup keep-state', {
    default: 'deny',
  });
  t.equal(rules.match(answer, { time: 1e9 }).action, 'deny');
  t.equal(rules.match(web, { time: 2e9 }).action, 'allow');
  t.match(rules.match(answer, { time: 3e9 }), { action: 'allow' });
  t.equal(rules.stats().states, 1);
  t.equal(rules.match(answer, { time: 1000n * 1_000_000_000n }).action, 'deny', 'it has expired');
});

t.test('setdscp changes frames in place', async (t) => {
  const rules = new Ruleset('add setdscp ef udp from any to any');
  const frame = Uint8Array.from(dns);
  t.match(rules.match(frame), { action: 'allow', edited: true });
  const [, ip] = parsePacket(frame);
  t.match(ip, { layer: 'ipv4', dscp: 46 });
  t.notSame(frame, dns);
});

t.test('log: an event for each frame, and a capture', async (t) => {
  const rules = new Ruleset('add 50 deny log logamount 2 udp from any to any 53', { logSnaplen: 20 });
  const path = join(scratch, 'log.pcap');
  const writer = PcapWriter.create(path, { nanoseconds: true });
  const entries: RuleLogEntry[] = [];
  rules.on('log', (entry) => entries.push(entry));
  rules.logTo(writer);
  for (let n = 0; n < 3; n++) rules.match(dns, { recv: 'vale0:a', time: 5e9 + n });
  writer.close();
  t.equal(entries.length, 2, 'as many as it may');
  t.match(entries[1], {
    time: 5e9 + 1,
    rule: 50,
    action: 'deny',
    direction: 'in',
    recv: 'vale0:a',
    length: dns.length,
  });
  t.strictSame(Buffer.from(entries[0].data), Buffer.from(dns.subarray(0, 20)));
  const read: number[][] = [];
  for (const { originalLength, seconds, nanoseconds } of PcapReader.open(path)) {
    read.push([originalLength, seconds, nanoseconds]);
  }
  t.strictSame(read, [
    [dns.length, 5, 0],
    [dns.length, 5, 1],
  ]);
});

t.test('changes are made as a whole or not at all', async (t) => {
  const rules = new Ruleset('add 100 deny udp from any to any');
  t.throws(() => rules.apply('delete 100\nadd allow ip frm any to any'), {
    code: 'ERR_NETMAP_RULE',
    position: 24,
    message:
      /^line 2, column 14: 'from' or an option was expected, not 'frm'\n {2}add allow ip frm any to any\n {15}\^$/,
  });
  t.equal(rules.rules().length, 2);
  t.throws(() => rules.check('delete 5'), { code: 'ERR_NETMAP_RULE' });
  t.doesNotThrow(() => rules.check('delete 100'));
  t.equal(rules.match(dns).action, 'deny', 'check changes nothing');
});

t.test('prob: the same seed, the same verdicts', async (t) => {
  const draw = (seed: number) => {
    const [data, places] = pack(Array.from({ length: 1000 }, () => dns));
    const verdicts = new Ruleset('add prob 0.25 deny ip from any to any', { seed }).classifyBytes(data, places);
    return Array.from({ length: 1000 }, (_, i) => verdicts.allows(i));
  };
  t.strictSame(draw(5), draw(5));
  t.notSame(draw(5), draw(6));
  const denied = draw(5).filter((allowed) => !allowed).length;
  t.ok(denied > 190 && denied < 310, `${denied} of 1000`);
});

t.test('wrong arguments', async (t) => {
  const rules = new Ruleset();
  const make = (options: unknown) => () => new Ruleset('', options as RulesetOptions);
  t.throws(make({ default: 'reject' }), { code: 'ERR_INVALID_ARG_VALUE', message: /'allow' or 'deny'/ });
  t.throws(make({ seed: -1 }), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(make({ maxStates: 0 }), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(make({ sed: 1 }), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => new Ruleset(5 as unknown as string), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => rules.apply([5 as unknown as RuleSpec]), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => rules.add({ action: 'deny', dstprt: 5 } as unknown as RuleSpec), { message: /dstprt/ });
  t.throws(() => rules.classify('ring' as never), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => rules.classifyBytes(dns, Uint32Array.of(0, 5)), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => rules.classifyBytes(dns, Uint32Array.of(dns.length, 1, 1)), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => rules.classifyBytes(dns, Uint32Array.of(0xffffffff, 0xffffffff, 5)), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => rules.match(dns, { direction: 'up' } as unknown as ClassifyOptions), {
    code: 'ERR_INVALID_ARG_VALUE',
  });
  t.throws(() => rules.match(dns, { time: -1 }), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => rules.match(dns, {}, 5), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => Ruleset.filter('udp dst-prt 5'), { code: 'ERR_NETMAP_RULE', position: 4 });
  t.throws(() => Ruleset.filter('udp', null as never), { message: /"options" must be an object/ });
  t.throws(() => rules.logTo({} as never), { message: /"writer" must be a PcapWriter/ });
  for (const options of [null, 5, { cuont: 5 }]) {
    const refused = { code: /^ERR_INVALID_ARG/, message: /"options"/ };
    t.throws(() => rules.match(dns, options as never), refused);
    t.throws(() => rules.classifyBytes(dns, Uint32Array.of(0, 5, 5), options as never), refused);
  }
  const odd: [object, RegExp][] = [
    [{ log: 'yes' }, /rule\.log" must be a boolean or a number/],
    [{ established: 'no' }, /rule\.established" must be a boolean/],
    [{ setup: 0 }, /rule\.setup" must be a boolean/],
    [{ keepState: 5 }, /rule\.keepState" must be a boolean or the name/],
    [{ direction: 'up' }, /rule\.direction" must be 'in' or 'out'/],
    [{ from: '' }, /rule\.from" must not be empty/],
    [{ dstPort: [] }, /rule\.dstPort" must not be empty/],
    [{ limit: 5 }, /rule\.limit" must be an object/],
    [{ limit: {} }, /rule\.limit\.by" must be an array/],
    [{ limit: { by: 'src-addr', max: 5 } }, /rule\.limit\.by" must be an array/],
    [{ limit: { by: ['frob'], max: 5 } }, /rule\.limit\.by" must be some of src-addr/],
    [{ limit: { by: ['src-addr'] } }, /rule\.limit\.max" must be a string or a number/],
    [{ limit: { by: ['src-addr'], max: 5, nmae: 'x' } }, /rule\.limit" knows[^]*nmae/],
    [{ action: 'check-state', from: '10.0.0.1' }, /rule\.from" does not go with check-state/],
  ];
  for (const [fields, message] of odd) {
    t.throws(() => rules.add({ action: 'allow', ...fields } as RuleSpec), { code: /^ERR_INVALID_ARG/, message });
  }
  t.equal(rules.rules().length, 1, 'none of them was added');
});

t.test('verdicts whose memory a transfer has detached get another', async (t) => {
  const rules = new Ruleset('add deny ip from any to any');
  const places = Uint32Array.of(0, dns.length, dns.length);
  for (const column of ['pass', 'records'] as const) {
    const { buffer } = rules.classifyBytes(dns, places)[column];
    structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
    t.equal(rules.classifyBytes(dns, places).action(0), VERDICT.DENY, column);
  }
});

t.test('a port is the same with options or without, with netmap: or without', (t) => {
  for (const rule of ['netmap:eth0', 'eth0', 'netmap:eth0@conf:slots=64', 'eth?', 'netmap:e*h0', 'table(ports)']) {
    const rules = new Ruleset('table ports create type iface\ntable ports add eth0');
    rules.add(`deny ip from any to any recv ${rule}`);
    for (const recv of ['netmap:eth0', 'eth0', 'netmap:eth0@conf:slots=9']) {
      t.equal(rules.match(dns, { recv }).action, 'deny', `${rule} ${recv}`);
    }
    for (const recv of ['netmap:eth10', 'vale0:eth0', 'eth', '']) {
      t.equal(rules.match(dns, { recv }).action, 'allow', `${rule} ${recv}`);
    }
  }
  t.end();
});
