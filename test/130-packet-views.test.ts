import t from 'tap';
import {
  arp,
  buildPacket,
  ExtensionEnd,
  formatMac,
  gre,
  icmp,
  LAYER,
  PacketView,
  skipExtensions,
  TCP,
  tcp,
  udp,
  verifyFrame,
  vxlan,
} from 'node-netmap';
import { Random } from './random';

/** The frame in memory with other bytes around it, and a view on it. */
function view(frame: Uint8Array, at = 64): PacketView {
  const memory = new Uint8Array(at + frame.length + 64).fill(0xa5);
  memory.set(frame, at);
  const packet = new PacketView(memory);
  packet.parse(at, frame.length);
  return packet;
}

t.test('UDP in IPv4', async (t) => {
  const packet = view(udp({ srcIp: '192.168.200.1', dstPort: 9, ttl: 7, dscp: 46, ecn: 1, payload: 5 }));
  t.equal(packet.layers, LAYER.ETHERNET | LAYER.IPV4 | LAYER.UDP);
  t.ok(packet.has(LAYER.IPV4 | LAYER.UDP));
  t.notOk(packet.has(LAYER.IPV4 | LAYER.TCP));
  const { ethernet, ipv4, udp: header } = packet;
  t.equal(ethernet.etherType, 0x0800);
  t.equal(ethernet.src, 0x020000000001);
  t.equal(ethernet.dst, 0xffffffffffff);
  t.ok(ethernet.isGroup);
  t.equal(ipv4.src, 0xc0a8c801);
  t.equal(ipv4.dst, 0x0a010001);
  t.equal(ipv4.totalLength, 33);
  t.equal(ipv4.headerLength, 20);
  t.strictSame([ipv4.ttl, ipv4.protocol, ipv4.dscp, ipv4.ecn], [7, 17, 46, 1]);
  t.strictSame([ipv4.dontFragment, ipv4.moreFragments, ipv4.fragmentOffset], [true, false, 0]);
  t.ok(ipv4.verify());
  t.strictSame([header.srcPort, header.dstPort, header.length], [1234, 9, 13]);
  t.ok(header.verify(ipv4.pseudoSum(header.length)));
  t.equal(packet.payloadEnd - packet.payloadOffset, 5, 'padding is not payload');
  t.equal(packet.protocol, 17);
});

t.test('VLAN tags, IPv6 with extension headers, TCP', async (t) => {
  const packet = view(
    buildPacket([
      { layer: 'ethernet' },
      { layer: 'vlan', id: 100, priority: 5 },
      { layer: 'vlan', id: 4095, dropEligible: true },
      { layer: 'ipv6', flowLabel: 0xabcde, trafficClass: 0xb9, src: '2001:db8::1' },
      { layer: 'ipv6-extension', protocol: 0 },
      { layer: 'ipv6-extension', protocol: 60, data: new Uint8Array(15).fill(1) },
      { layer: 'tcp', flags: 'SA', options: [{ option: 'mss', value: 1440 }], sequence: 0xfffffffe, window: 512 },
      { layer: 'payload', data: new Uint8Array(7) },
    ]),
  );
  t.equal(packet.layers, LAYER.ETHERNET | LAYER.VLAN | LAYER.IPV6 | LAYER.TCP);
  t.equal(packet.vlans, 2);
  t.strictSame([packet.vlan.id, packet.vlan.priority, packet.vlan.dropEligible], [100, 5, false]);
  t.equal(packet.vlan.etherType, 0x8100);
  t.equal(packet.etherType, 0x86dd);
  const { ipv6, tcp: header } = packet;
  t.strictSame([ipv6.flowLabel, ipv6.trafficClass, ipv6.nextHeader, ipv6.hopLimit], [0xabcde, 0xb9, 0, 64]);
  t.equal(packet.protocol, 6);
  t.strictSame([header.flags, header.headerLength, header.sequence], [TCP.SYN | TCP.ACK, 24, 0xfffffffe]);
  t.ok(header.verify(ipv6.pseudoSum(6, 24 + 7)));
  t.equal(packet.payloadEnd - packet.payloadOffset, 7);
});

t.test('ARP, ICMP, ICMPv6', async (t) => {
  const question = view(arp({ srcMac: '02:00:00:00:00:07', targetIp: '10.9.8.7' }));
  t.equal(question.layers, LAYER.ETHERNET | LAYER.ARP);
  t.strictSame([question.arp.operation, question.arp.targetIp, question.arp.senderIp], [1, 0x0a090807, 0x0a000001]);
  t.equal(formatMac(question.bytes, question.arp.senderMacOffset), '02:00:00:00:00:07');
  const echo = view(icmp({ identifier: 77, sequence: 3, payload: 'abc' }));
  t.ok(echo.has(LAYER.ICMP));
  t.strictSame([echo.icmp.type, echo.icmp.identifier, echo.icmp.sequence], [8, 77, 3]);
  t.ok(echo.icmp.verify());
  const echo6 = view(icmp({ version: 6, type: 129 }));
  t.ok(echo6.has(LAYER.IPV6 | LAYER.ICMPV6));
  t.equal(echo6.icmpv6.type, 129);
  t.ok(echo6.icmpv6.verify(echo6.ipv6.pseudoSum(58, echo6.ipv6.payloadLength)));
});

t.test('tunnels: the outer packet, and the inner one with a second view', async (t) => {
  const inner = udp({ dstPort: 53, payload: 'query' });
  const outer = view(vxlan({ vni: 0xabcdef, inner }));
  t.ok(outer.has(LAYER.UDP | LAYER.VXLAN));
  t.equal(outer.vxlan.vni, 0xabcdef);
  const within = new PacketView(outer.bytes);
  within.parse(outer.payloadOffset, outer.payloadEnd - outer.payloadOffset);
  t.equal(within.udp.dstPort, 53);
  t.strictSame(outer.bytes.subarray(within.offset, within.offset + within.length), inner);
  const tunnel = view(gre({ key: 0xdeadbeef, sequence: 9, checksum: true, inner }));
  t.ok(tunnel.has(LAYER.GRE));
  t.strictSame([tunnel.gre.key, tunnel.gre.sequence, tunnel.gre.protocol], [0xdeadbeef, 9, 0x6558]);
  within.parse(0, 0);
  t.strictSame(tunnel.bytes.subarray(tunnel.payloadOffset, tunnel.payloadOffset + inner.length), inner);
});

t.test('fragments: only the first has a transport header', async (t) => {
  const part = (fragmentOffset: number, moreFragments: boolean) =>
    view(
      buildPacket([
        { layer: 'ethernet' },
        { layer: 'ipv4', fragmentOffset, moreFragments, protocol: 17 },
        { layer: 'payload', data: new Uint8Array(64).fill(9) },
      ]),
    );
  t.ok(part(0, true).isFragment);
  t.ok(part(0, true).has(LAYER.UDP));
  t.notOk(part(64, false).has(LAYER.UDP));
  t.ok(part(64, false).isFragment);
  t.equal(part(64, false).ipv4.fragmentOffset, 64);
  const part6 = (word: number) =>
    view(
      buildPacket([
        { layer: 'ethernet' },
        { layer: 'ipv6' },
        { layer: 'ipv6-extension', protocol: 44, nextHeader: 17, data: Uint8Array.of(0, word >> 8, word, 0, 0, 0, 1) },
        { layer: 'payload', data: new Uint8Array(64).fill(9) },
      ]),
    );
  t.ok(part6(1).has(LAYER.UDP) && part6(1).isFragment, 'the first one');
  t.notOk(part6(0x40).has(LAYER.UDP));
  t.ok(part6(0x40).isFragment);
  t.notOk(part6(0).isFragment, 'an atomic fragment (RFC 6946) is whole');
});

t.test('headers that are cut, or contradict themselves, are not there', async (t) => {
  const frame = udp({ vlan: 3, payload: 30 });
  const expected: [number, number][] = [
    [13, 0],
    [17, LAYER.ETHERNET],
    [37, LAYER.ETHERNET | LAYER.VLAN],
    [38, LAYER.ETHERNET | LAYER.VLAN | LAYER.IPV4],
    [45, LAYER.ETHERNET | LAYER.VLAN | LAYER.IPV4],
    [46, LAYER.ETHERNET | LAYER.VLAN | LAYER.IPV4 | LAYER.UDP],
  ];
  for (const [length, layers] of expected) t.equal(view(frame.subarray(0, length)).layers, layers, `${length} bytes`);
  const spoilt = (at: number, value: number) => {
    const copy = tcp();
    copy[at] = value;
    return view(copy).layers;
  };
  t.equal(spoilt(14, 0x44), LAYER.ETHERNET, 'an IPv4 header of 16 bytes');
  t.equal(spoilt(14, 0x65), LAYER.ETHERNET, 'version 6 in a packet of type IPv4');
  t.equal(spoilt(17, 19), LAYER.ETHERNET, 'a total length less than the header');
  t.equal(spoilt(46, 0x40), LAYER.ETHERNET | LAYER.IPV4, 'a TCP header of 16 bytes');
  t.equal(spoilt(46, 0xf0), LAYER.ETHERNET | LAYER.IPV4, 'a TCP header longer than the packet');
});

t.test('what lies beyond the memory is not there', async (t) => {
  const frame = udp({ payload: 30 });
  for (const [length, layers] of [
    [0, 0],
    [13, 0],
    [14, LAYER.ETHERNET],
    [34, LAYER.ETHERNET | LAYER.IPV4],
    [41, LAYER.ETHERNET | LAYER.IPV4],
    [42, LAYER.ETHERNET | LAYER.IPV4 | LAYER.UDP],
  ]) {
    const packet = new PacketView(frame.subarray(0, length));
    t.equal(packet.parse(0, 72), layers, `${length} bytes`);
    t.equal(packet.layers, layers);
    t.equal(packet.length, 72);
    t.ok(packet.payloadEnd <= length, 'nor is its payload');
  }
  const packet = new PacketView(frame);
  t.equal(packet.parse(100, 60), 0, 'a frame behind it');
  t.equal(packet.parse(72, 0), 0);
  t.throws(() => packet.parse(-20, 60), RangeError);
  t.throws(() => packet.udp.at(71, 80).srcPort, RangeError);
  t.throws(() => (packet.ipv4.at(70, 80).dst = 1), RangeError);
  t.strictSame(packet.bytes, frame, 'nothing was written');
});

t.test('fields written in place read back, and nothing else changes', async (t) => {
  const packet = view(tcp({ vlan: 1 }));
  const before = packet.bytes.slice();
  const { ethernet, vlan, ipv4, tcp: header } = packet;
  const fields: [object, string, number, number][] = [
    [ethernet, 'src', 0xfedcba987654, 6],
    [ethernet, 'dst', 0x0123456789ab, 6],
    [ethernet, 'etherType', 0x88a8, 2],
    [vlan, 'id', 0xabc, 2],
    [vlan, 'priority', 6, 1],
    [ipv4, 'dscp', 41, 1],
    [ipv4, 'ecn', 2, 1],
    [ipv4, 'src', 0xfffefdfc, 4],
    [ipv4, 'identification', 0x8001, 2],
    [ipv4, 'ttl', 200, 1],
    [header, 'sequence', 0xf0000001, 4],
    [header, 'acknowledgment', 0x80000000, 4],
    [header, 'flags', 0x1aa, 2],
    [header, 'window', 0xfedc, 2],
    [header, 'urgent', 0x8080, 2],
    [header, 'dstPort', 0xffff, 2],
  ];
  for (const [on, name, value, bytes] of fields) {
    packet.bytes.set(before);
    (on as Record<string, number>)[name] = value;
    t.equal((on as Record<string, number>)[name], value, name);
    const changed = packet.bytes.filter((byte, k) => byte !== before[k]).length;
    t.ok(changed > 0 && changed <= bytes, `${name}: ${changed} bytes changed`);
  }
});

t.test('addresses and ports replaced with checksums kept right', async (t) => {
  const random = new Random(1624);
  for (let n = 0; n < 300; n++) {
    const make = random.pick([udp, tcp]);
    const packet = view(make({ payload: random.bytes(random.below(40)), vlan: random.pick([undefined, 9]) }));
    packet.replaceSrcIp(random.u32());
    packet.replaceDstIp(random.u32());
    packet.replaceSrcPort(random.below(65536));
    packet.replaceDstPort(random.below(65536));
    packet.ipv4.decrementTtl();
    const check = verifyFrame(packet.bytes, packet.offset, packet.length);
    if (check !== 'valid') t.equal(check, 'valid', `round ${n}`);
  }
  const silent = view(udp());
  silent.udp.checksum = 0;
  silent.replaceSrcIp(1);
  silent.replaceDstPort(1);
  t.equal(silent.udp.checksum, 0, 'a UDP packet without a checksum stays without one');
  const other = view(arp());
  const before = other.bytes.slice();
  other.replaceSrcIp(1);
  other.replaceDstPort(1);
  t.strictSame(other.bytes, before, 'other packets are left alone');
});

t.test('extension headers that run over the end', async (t) => {
  const end = new ExtensionEnd();
  t.notOk(skipExtensions(Uint8Array.of(60, 1, 0, 0, 0, 0, 0, 0), 0, 8, 0, end), 'longer than the packet');
  t.notOk(skipExtensions(new Uint8Array(7), 0, 7, 43, end));
  t.ok(skipExtensions(Uint8Array.of(59, 0, 0, 0, 0, 0, 0, 0), 0, 8, 0, end));
  t.match(end, { protocol: 59, offset: 8 });
});

t.test('swapping and checksums written', async (t) => {
  const packet = view(udp({ payload: 'x' }));
  packet.ethernet.swapAddresses();
  t.equal(packet.ethernet.dst, 0x020000000001);
  packet.ipv4.checksum = 0;
  packet.ipv4.fillChecksum();
  packet.udp.checksum = 1;
  packet.udp.fillChecksum(packet.ipv4.pseudoSum(packet.udp.length));
  t.equal(verifyFrame(packet.bytes, packet.offset, packet.length), 'valid');
  const echo = view(icmp());
  echo.icmp.type = 0;
  t.notOk(echo.icmp.verify());
  echo.icmp.fillChecksum();
  t.ok(echo.icmp.verify());
});
