/** What rules do to packets of an emulator: on the way through pipes, with tables, states and changes meanwhile. */
import './folder';
import t, { type Test } from 'tap';
import { Emulator, parsePacket, udp, type UdpOptions } from 'node-netmap';

const MS = 1e6;
const S = 1e9;
const PIPES = 'pipe 1 config delay 10ms\npipe 2 config delay 5ms\n';

const ask = (fields: UdpOptions = {}) =>
  udp({ srcIp: '10.0.0.1', dstIp: '10.0.0.2', srcPort: 4000, dstPort: 53, ...fields });
const answer = udp({ srcIp: '10.0.0.2', dstIp: '10.0.0.1', srcPort: 53, dstPort: 4000 });

/** When a packet that comes at 0 goes out, in ms; `change` at 5 ms. */
function way(rules: string, change?: string): number[] {
  const emulator = new Emulator(PIPES + rules);
  emulator.put(ask(), { time: 0 });
  const out = emulator.advance(5 * MS - 1);
  if (change !== undefined) emulator.apply(change);
  return [...out, ...emulator.advance(Infinity)].map(({ time }) => time / MS);
}

function same(t: Test, cases: readonly [what: string, found: unknown, wanted: unknown][]): void {
  for (const [what, found, wanted] of cases) t.strictSame(found, wanted, what);
  t.end();
}

t.test('one_pass: the decision of when the packet went in; then the next rule in position', (t) => {
  const two = 'add 10 pipe 1 ip from any to any\nadd 10 pipe 2 ip from any to any\nadd 20 allow ip from any to any';
  const off = `${two}\ndisable one_pass`;
  same(t, [
    ['on', way(two), [10]],
    ['off', way(off), [15]],
    ['on meanwhile', way(off, 'enable one_pass'), [15]],
    ['off meanwhile', way(two, 'disable one_pass'), [10]],
    ['its rules deleted meanwhile', way(off, 'delete 10'), [10]],
    ['another rule behind it', way(off, 'delete 10\nadd 15 deny ip from any to any'), []],
    ['no rules any more', way(off, 'disable firewall'), [10]],
  ]);
});

t.test('tags, calls and the direction stay with a packet in a pipe', (t) => {
  same(t, [
    ['tag', way('disable one_pass\nadd pipe 1 tag 7 ip from any to any\nadd pipe 2 ip from any to any tagged 7'), [15]],
    [
      'call',
      way(
        `disable one_pass
         add 10 call 100 ip from any to any
         add 20 pipe 2 ip from any to any
         add 30 allow ip from any to any
         add 100 pipe 1 ip from any to any
         add 110 return ip from any to any
         add 120 deny ip from any to any`,
      ),
      [15],
    ],
    ['direction', way('disable one_pass\nadd pipe 1 ip from any to any\nadd pipe 2 ip from any to any out'), [15]],
  ]);
});

t.test('tablearg says which pipe or queue; one that does not exist drops', (t) => {
  const emulator = new Emulator(
    `${PIPES}sched 2 config type wf2q+
     queue 3 config sched 2
     table p create valtype pipe
     table p add 10.0.0.1 1 10.0.0.9 3 10.0.0.8 77
     add 10 pipe tablearg ip from table(p) to any dst-port 53
     add 20 queue tablearg ip from table(p) to any`,
  );
  emulator.put(ask(), { time: 0 });
  emulator.put(ask({ srcIp: '10.0.0.9', dstPort: 54 }), { time: 0 });
  emulator.put(ask({ srcIp: '10.0.0.8' }), { time: 0 });
  t.strictSame(
    emulator.advance(Infinity).map(({ time }) => time / MS),
    [5, 10],
  );
  t.match(emulator.stats(), { drops: { noTarget: 1 } });
  t.end();
});

t.test('a state sends both directions through the pipe of its rule, and lives on the virtual clock', (t) => {
  const emulator = new Emulator(
    `${PIPES}add 5 check-state
     add 10 pipe 1 udp from 10.0.0.1 to any out keep-state
     add 20 deny ip from any to any`,
  );
  emulator.put(ask(), { time: 0 });
  for (const time of [9.9 * S, 19.8 * S, 29.9 * S]) emulator.put(answer, { time, direction: 'in' });
  t.strictSame(
    emulator.advance(Infinity).map(({ time, direction }) => [time / MS, direction]),
    [
      [10, 'out'],
      [9910, 'in'],
      [19810, 'in'],
    ],
  );
  t.equal(emulator.stats().denied, 1);
  t.end();
});

t.test('what setdscp has changed is in the pipe', (t) => {
  const emulator = new Emulator(
    `${PIPES}disable one_pass
     add setdscp ef ip from any to any
     add pipe 1 ip from any to any
     add deny ip from any to any dscp 0`,
  );
  const given = ask();
  emulator.put(given, { time: 0 });
  const [{ data }] = emulator.advance(Infinity);
  t.match(parsePacket(data)[1], { layer: 'ipv4', dscp: 46 });
  t.strictSame(given, ask(), 'the packet that was given is as it was');
  t.end();
});
