import t from 'tap';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  arp,
  buildPacket,
  describePacket,
  gre,
  icmp,
  LAYER,
  PacketView,
  parsePacket,
  PcapReader,
  tcp,
  udp,
  vxlan,
  type Layer,
  type LayerInput,
} from 'node-netmap';
import { scratch } from './folder';
import { classic } from './make-capture';
import { noData, sharedCapture } from './shared-data';

function packetsOf(path: string): Uint8Array[] {
  const reader = PcapReader.open(path);
  const packets: Uint8Array[] = [];
  for (let packet = reader.next(); packet !== null; packet = reader.next()) {
    packets.push(new Uint8Array(packet.bytes.subarray(packet.offset, packet.offset + packet.capturedLength)));
  }
  return packets;
}

/** Without what follows from the rest. */
function bare(layers: readonly Layer[]): LayerInput[] {
  return layers.map((layer) => {
    const copy: Record<string, unknown> = { ...layer };
    for (const key of ['totalLength', 'length', 'checksum']) delete copy[key];
    return copy as LayerInput;
  });
}

for (const file of ['afs.pcap', 'mptcp-v0.pcap', 'vrrp.pcap']) {
  const path = sharedCapture(file);
  t.test(`every packet of ${file}`, { skip: path === undefined && noData(file) }, async (t) => {
    const packets = packetsOf(path!);
    let described = 0;
    let recomputed = 0;
    for (const [n, bytes] of packets.entries()) {
      const layers = parsePacket(bytes);
      if (Buffer.compare(buildPacket(layers), bytes) !== 0) t.fail(`packet ${n + 1} is not what it was`);
      // A checksum of a fragmented packet is over all of its fragments.
      const whole = !layers.some(
        (layer) => layer.layer === 'ipv4' && (layer.moreFragments || layer.fragmentOffset > 0),
      );
      if (whole) {
        recomputed++;
        if (Buffer.compare(buildPacket(bare(layers)), bytes) !== 0)
          t.fail(`packet ${n + 1}: another length or checksum`);
      }
      const packet = new PacketView(bytes);
      packet.parse(0, bytes.length);
      const has = (layer: number) => (packet.has(layer) ? 1 : 0);
      const counts = (name: string) => layers.filter(({ layer }) => layer === name).length;
      if (has(LAYER.UDP) !== counts('udp') || has(LAYER.TCP) !== counts('tcp') || has(LAYER.IPV4) !== counts('ipv4')) {
        t.fail(`packet ${n + 1}: views and layers differ`);
      }
      if (/^[0-9a-f:]{17} > [0-9a-f:]{17} .*(UDP|TCP|ICMP|protocol)/.test(describePacket(layers))) described++;
    }
    t.ok(packets.length > 100 && recomputed > 100, `${packets.length} packets, ${recomputed} with checksums made anew`);
    t.equal(described, packets.length, 'a line for each');
  });
}

/** One of each kind that we build. */
const built: readonly Uint8Array[] = [
  udp({ payload: 'some text' }),
  udp({ version: 6, dstPort: 9, flowLabel: 5 }),
  tcp({ payload: 'GET', flags: 'PA', options: [{ option: 'timestamps', value: 5, echo: 6 }, { option: 'nop' }] }),
  tcp({ srcIp: 'fd00::9', vlan: [{ id: 7 }, { id: 9, priority: 3 }], flags: 'SEC' }),
  icmp({ payload: 'x' }),
  icmp({ version: 6 }),
  arp(),
  vxlan({ vni: 99, inner: udp({ dstPort: 77 }) }),
  gre({ key: 6, checksum: true, inner: tcp() }),
  buildPacket([
    { layer: 'ethernet' },
    { layer: 'ipv6' },
    { layer: 'ipv6-extension', protocol: 0, data: Uint8Array.of(0, 1, 4, 0, 0, 0, 0) },
    { layer: 'udp' },
    { layer: 'payload', data: new Uint8Array(30) },
  ]),
];

const CHECKS = ['ip', 'udp', 'tcp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
const FIELDS = [
  'frame.protocols',
  'ip.src',
  'ipv6.src',
  'udp.dstport',
  'tcp.dstport',
  'vlan.id',
  'vxlan.vni',
  'gre.key',
];

/** What tshark makes of packets: a line of fields for each, and what it complains about. */
function tshark(path: string, fields: readonly string[]): string[][] {
  const args = ['-r', path, '-n', ...CHECKS, '-T', 'fields', '-E', 'separator=|', ...fields.flatMap((f) => ['-e', f])];
  const { stdout, stderr, status } = spawnSync('tshark', args, { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('|'));
}

const missing = spawnSync('tshark', ['--version']).status !== 0 && 'no tshark here (Debian: apt-get install tshark)';

t.test('tshark sees what we have built', { skip: missing }, async (t) => {
  const path = join(scratch, 'built.pcap');
  writeFileSync(path, classic(built.map((data) => ({ data }))));
  const bad = tshark(path, [
    '_ws.malformed',
    'ip.checksum.status',
    'udp.checksum.status',
    'tcp.checksum.status',
    'icmp.checksum.status',
    'icmpv6.checksum.status',
    'gre.checksum.status',
  ]);
  for (const [n, [malformed, ...statuses]] of bad.entries()) {
    t.equal(malformed, '', `packet ${n + 1} is well-formed`);
    // 1 is good, 0 is bad, 2 is unverified, 3 not present; one for each header.
    t.notOk(
      statuses.some((status) => status.split(',').includes('0')),
      `packet ${n + 1}: checksums are good`,
    );
    t.ok(n === 6 || statuses.some((status) => status.includes('1')), `packet ${n + 1}: and some was looked at`);
  }
  const seen = tshark(path, FIELDS);
  for (const [n, fields] of seen.entries()) {
    const ours = new Map<string, string[]>();
    const note = (field: string, value: string | number) =>
      ours.set(field, [...(ours.get(field) ?? []), String(value)]);
    let tagged = 0;
    for (const layer of parsePacket(built[n])) {
      if (layer.layer === 'ipv4') note('ip.src', layer.src);
      if (layer.layer === 'ipv6') note('ipv6.src', layer.src);
      if (layer.layer === 'udp') note('udp.dstport', layer.dstPort);
      if (layer.layer === 'tcp') note('tcp.dstport', layer.dstPort);
      if (layer.layer === 'vlan') note(tagged === 0x88a8 ? 'ieee8021ad.id' : 'vlan.id', layer.id);
      if ('etherType' in layer) tagged = layer.etherType;
      if (layer.layer === 'vxlan') note('vxlan.vni', layer.vni);
      if (layer.layer === 'gre' && layer.key !== undefined)
        note('gre.key', `0x${layer.key.toString(16).padStart(8, '0')}`);
    }
    const expected = FIELDS.slice(1).map((field) => (ours.get(field) ?? []).join(','));
    t.strictSame(fields.slice(1), expected, `packet ${n + 1}: ${fields[0]}`);
  }
});

for (const file of ['afs.pcap', 'mptcp-v0.pcap']) {
  const path = sharedCapture(file);
  const skip = missing || (path === undefined && noData(file));
  t.test(`tshark reads ${file} as we do`, { skip }, async (t) => {
    const fields = [
      'ip.src',
      'ip.dst',
      'ip.ttl',
      'ip.len',
      'udp.srcport',
      'udp.dstport',
      'tcp.seq_raw',
      'tcp.ack_raw',
      'tcp.flags',
      'tcp.window_size_value',
      'tcp.options.mss_val',
      'tcp.options.timestamp.tsval',
    ];
    // Without defragmentation, so that a line is about one packet.
    const theirs = tshark(path!, fields);
    const packets = packetsOf(path!);
    t.equal(theirs.length, packets.length);
    let differences = 0;
    for (const [n, bytes] of packets.entries()) {
      const layers = parsePacket(bytes);
      const ip = layers.find((layer) => layer.layer === 'ipv4')!;
      const datagram = layers.find((layer) => layer.layer === 'udp');
      const segment = layers.find((layer) => layer.layer === 'tcp');
      const fragmented = ip.moreFragments || ip.fragmentOffset > 0;
      if (fragmented) continue; // tshark shows the ports of the whole with its last part
      const option = (name: string) =>
        segment?.options.find((each) => each.option === name) as { value?: number } | undefined;
      const view = new PacketView(bytes);
      view.parse(0, bytes.length);
      const ours = [
        ...[ip.src, ip.dst, ip.ttl, ip.totalLength, datagram?.srcPort, datagram?.dstPort],
        ...[segment?.sequence, segment?.acknowledgment, segment && `0x${view.tcp.flags.toString(16).padStart(4, '0')}`],
        ...[segment?.window, option('mss')?.value, option('timestamps')?.value],
      ].map((value) => (value === undefined ? '' : String(value)));
      // tshark also shows the packet that an ICMP error is about.
      const compared = ip.protocol === 1 ? 4 : ours.length;
      const theirsHere = theirs[n].slice(0, compared).map((value) => (ip.protocol === 1 ? value.split(',')[0] : value));
      if (ours.slice(0, compared).join() !== theirsHere.join()) {
        differences++;
        if (differences < 5) t.strictSame(ours, theirs[n], `packet ${n + 1}`);
      }
    }
    t.equal(differences, 0, `${packets.length} packets`);
  });
}
