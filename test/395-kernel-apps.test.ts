import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { pipe, scratch, vale } from './folder';
import { classic } from './make-capture';
import { PcapReader, parsePacket, tcp, udp } from 'node-netmap';
import { FLAWLESS, runTool, skip, startTool } from './support/kernel';

// A machine that emulates the kernel may take seconds to wake a process up: what has to arrive fits into one ring.
const COUNT = 900;
/** A port of another switch. */
const other = (port: string) => vale(port).replace(':', 'x:');

/** A capture of TCP and UDP by turns, for everybody, of many flows. */
function mixed(): string {
  const path = join(scratch, 'mixed.pcap');
  const dstMac = 'ff:ff:ff:ff:ff:ff';
  const packets = Array.from({ length: COUNT }, (_, k) => ({
    data: (k % 2 ? tcp : udp)({ dstMac, srcIp: `10.0.${k >> 8}.${k & 255}`, dstPort: 1000 + k }),
  }));
  writeFileSync(path, classic(packets));
  return path;
}

/** What protocols the packets of a capture are of. */
function protocolsIn(path: string): string[] {
  const names = new Set<string>();
  for (const { data } of PcapReader.open(path)) {
    for (const { layer } of parsePacket(data)) if (layer === 'tcp' || layer === 'udp') names.add(layer);
  }
  return [...names];
}

for (const [where, a, b] of [
  ['two switches', vale('b'), other('b')],
  ['two pipes', pipe('{', 'b1'), pipe('{', 'b2')],
]) {
  const far = (name: string) => (name.includes('{') ? name.replace('{', '}') : name.replace(/:.*/, ':far'));
  t.test(`bridge between ${where}`, { skip }, async (t) => {
    const bridge = await startTool(t, ['bridge', a, b]);
    for (const [from, to] of [
      [a, b],
      [b, a],
    ]) {
      const sink = await startTool(t, ['sink', far(to), '--check', '--count', String(COUNT)]);
      const sent = await runTool(t, ['generate', far(from), '--count', String(COUNT)]);
      const got = await sink.ended;
      t.strictSame([sent.code, got.code], [0, 0]);
      t.match(got.summary, { ...FLAWLESS, packets: COUNT });
    }
    const { code, summary } = await bridge.stop();
    t.equal(code, 0);
    t.match(summary, { packets: 2 * COUNT, directions: [{ packets: COUNT }, { packets: COUNT }] });
  });
}

t.test('replay, bridge and capture, each with rules', { skip }, async (t) => {
  const target = join(scratch, 'udp.pcap');
  const bridge = await startTool(t, ['bridge', vale('f'), other('f'), '--filter', 'udp']);
  const capture = await startTool(t, [
    'capture',
    other('c'),
    target,
    '--filter',
    'dst-port 1500-1899',
    '--count',
    '150',
  ]);
  const sink = await startTool(t, ['sink', other('s'), '--filter', 'dst-port 1600-1699', '--count', '300']);
  const sent = await runTool(t, ['replay', mixed(), vale('r'), '--top-speed', '--filter', 'dst-port 1200-1799']);
  t.strictSame([sent.code, sent.stderr], [0, '']);
  t.match(sent.summary, { packets: 600, refused: 300 });
  t.match((await capture.ended).summary, { packets: 150 });
  t.match((await sink.ended).summary, { packets: 300, unmatched: 250 });
  t.match((await bridge.stop()).summary, { packets: 300, refused: 300 });
  t.strictSame(protocolsIn(target), ['udp']);
});

t.test('distribute to pipes of a port', { skip }, async (t) => {
  const distribute = await startTool(t, ['distribute', vale('in'), '--pipes', '2', '--pipes', 'copy:1:block']);
  const names = [`${vale('in')}}0`, `${vale('in')}}1`, 'netmap:copy}0'];
  const sinks = [];
  for (const [k, name] of names.entries()) {
    sinks.push(await startTool(t, ['sink', name, ...(k === 2 ? ['--count', String(COUNT)] : [])]));
  }
  const sent = await runTool(t, ['replay', mixed(), vale('out'), '--top-speed']);
  t.equal(sent.code, 0);
  // The last group gets each packet after the first one.
  t.match((await sinks[2].ended).summary, { packets: COUNT });
  const { code, summary } = await distribute.stop();
  t.equal(code, 0);
  t.match(summary, { packets: COUNT, undelivered: 0, refused: 0 });
  const got = [];
  for (const sink of sinks.slice(0, 2)) got.push((await sink.stop()).summary.packets as number);
  t.equal(got[0] + got[1], COUNT);
  t.ok(got[0] > COUNT / 4 && got[1] > COUNT / 4, got.join(', '));
});

t.test('ping and pong', { skip }, async (t) => {
  const pong = await startTool(t, ['pong', vale('pong')]);
  for (const rest of [[], ['--block']]) {
    const { code, summary } = await runTool(t, ['ping', vale('ping'), '--count', '20', '--timeout', '20', ...rest]);
    t.equal(code, 0);
    t.match(summary, { packets: 20, sent: 20, lost: 0, histograms: { roundTrip: { count: 20 } } });
  }
  const { code, summary } = await pong.stop();
  t.equal(code, 0);
  t.match(summary, { packets: 40 });
});

t.test('top says that the kernel lists no ports', { skip }, async (t) => {
  const { code, stderr } = await runTool(t, ['top', '--once']);
  t.equal(code, 1);
  t.match(stderr, /does not list its ports; leave --device out/);
});
