import t from 'tap';
import {
  arp,
  buildPacket,
  describePacket,
  formatIpv6,
  gre,
  icmp,
  ip,
  parseIpv6,
  parsePacket,
  tcp,
  udp,
  udpFrame,
  verifyFrame,
  vxlan,
  type LayerInput,
} from 'node-netmap';
import { codeOf } from './throws';

t.test('a UDP packet as plain objects', async (t) => {
  const layers = parsePacket(udp({ dstPort: 9, payload: 'hi', vlan: 5 }));
  t.match(layers, [
    { layer: 'ethernet', dst: 'ff:ff:ff:ff:ff:ff', src: '02:00:00:00:00:01', etherType: 0x8100 },
    { layer: 'vlan', id: 5, priority: 0, dropEligible: false, etherType: 0x0800 },
    { layer: 'ipv4', src: '10.0.0.1', dst: '10.1.0.1', ttl: 64, protocol: 17, totalLength: 30, dontFragment: true },
    { layer: 'udp', srcPort: 1234, dstPort: 9, length: 10 },
    { layer: 'payload', data: Uint8Array.of(104, 105) },
  ]);
  t.equal(JSON.parse(JSON.stringify(layers)).length, 5, 'and they survive JSON');
  t.equal(layers.length, 5);
});

t.test('the defaults are those of pkt-gen', async (t) => {
  t.strictSame(udp(), udpFrame());
  t.strictSame(udp({ length: 1514, dstPort: 9 }), udpFrame({ length: 1514, dstPort: 9 }));
  t.strictSame(udp({ payload: 'hello' }), udpFrame({ payload: 'hello' }));
  t.equal(udp({ dstPort: 9, payload: 18 }).length, 60);
});

const samples: Record<string, Uint8Array> = {
  udp: udp({ payload: 'some payload' }),
  'udp without checksum': buildPacket([{ layer: 'ethernet' }, { layer: 'ipv4' }, { layer: 'udp', checksum: 0 }]),
  tcp: tcp({
    flags: 'SAPN',
    options: [
      { option: 'mss', value: 1460 },
      { option: 'sack-permitted' },
      { option: 'timestamps', value: 1, echo: 0xffffffff },
      { option: 'nop' },
      { option: 'window-scale', shift: 7 },
    ],
  }),
  'tcp with sack': tcp({
    flags: 'A',
    options: [
      {
        option: 'sack',
        blocks: [
          [1, 2],
          [3, 4],
        ],
      },
      { option: 'end' },
    ],
  }),
  'tcp with an unknown option': tcp({ options: [{ option: 'other', kind: 30, data: Uint8Array.of(1, 2, 3, 4) }] }),
  tcp6: tcp({ srcIp: '2001:db8::5', payload: 'x'.repeat(1001), vlan: [{ id: 1, priority: 7 }, 2] }),
  icmp: icmp({ type: 3, code: 1, payload: 33 }),
  icmpv6: icmp({ version: 6, payload: 'ping' }),
  arp: arp({ operation: 2, targetMac: '02:00:00:00:00:0a' }),
  'arp in QinQ': arp({ vlan: [{ id: 100 }, { id: 200 }] }),
  vxlan: vxlan({ inner: tcp({ payload: 'inner' }), vni: 77 }),
  'vxlan over IPv6': vxlan({ version: 6, inner: vxlan({ inner: udp() }) }),
  gre: gre({ inner: icmp(), checksum: true, key: 1, sequence: 0xffffffff }),
  'gre with IPv6': buildPacket([
    { layer: 'ethernet' },
    { layer: 'ipv4' },
    { layer: 'gre' },
    { layer: 'ipv6' },
    { layer: 'tcp' },
  ]),
  'IPv6 in IPv4': buildPacket([{ layer: 'ethernet' }, { layer: 'ipv4' }, { layer: 'ipv6' }, { layer: 'udp' }]),
  'IPv4 options': buildPacket([
    { layer: 'ethernet' },
    { layer: 'ipv4', options: Uint8Array.of(0x94, 4, 0, 0), identification: 7, dontFragment: false },
    { layer: 'udp', trailer: Uint8Array.of(1, 2, 3) },
    { layer: 'payload', data: Uint8Array.of(9) },
  ]),
  'extension headers': buildPacket([
    { layer: 'ethernet' },
    { layer: 'ipv6', trailer: new Uint8Array(5).fill(7) },
    { layer: 'ipv6-extension', protocol: 0 },
    { layer: 'ipv6-extension', protocol: 43, data: new Uint8Array(7) },
    { layer: 'ipv6-extension', protocol: 51, data: Uint8Array.of(4, ...new Array<number>(22).fill(3)) },
    { layer: 'udp' },
  ]),
  'another protocol': ip({ protocol: 112, payload: 20, version: 6 }),
  'IEEE 802.3': buildPacket([
    { layer: 'ethernet', etherType: 46 },
    { layer: 'payload', data: new Uint8Array(46) },
  ]),
};

t.test('parse undoes build and build undoes parse', async (t) => {
  for (const [name, frame] of Object.entries(samples)) {
    const layers = parsePacket(frame);
    t.notOk(
      layers.some((layer) => 'problem' in layer),
      name,
    );
    t.strictSame(buildPacket(layers), frame, `${name}: the same bytes`);
    t.strictSame(parsePacket(buildPacket(layers)), layers, `${name}: the same layers`);
  }
});

t.test('lengths, types and checksums that are left out are those that were there', async (t) => {
  for (const [name, frame] of Object.entries(samples)) {
    if (name === 'udp without checksum' || name === 'IEEE 802.3' || name === 'another protocol') continue;
    const bare = parsePacket(frame).map((layer) => {
      const copy: Record<string, unknown> = { ...layer };
      for (const key of ['totalLength', 'payloadLength', 'length', 'etherType', 'nextHeader']) delete copy[key];
      if (layer.layer !== 'gre') delete copy.checksum;
      else if (layer.checksum !== undefined) copy.checksum = true;
      if (layer.layer !== 'ipv6-extension') delete copy.protocol;
      return copy as LayerInput;
    });
    t.strictSame(buildPacket(bare), frame, name);
  }
});

t.test('checksums as built are right', async (t) => {
  for (const name of ['udp', 'tcp', 'tcp with sack', 'icmp', 'vxlan', 'IPv4 options']) {
    t.equal(verifyFrame(samples[name]), 'valid', name);
  }
});

t.test('cut and contradicting packets end in a payload that says why', async (t) => {
  const cut = parsePacket(tcp().subarray(0, 40));
  t.match(cut.at(-1), { layer: 'payload', problem: 'no whole tcp header' });
  t.strictSame(buildPacket(cut), tcp().slice(0, 40));
  t.match(parsePacket(new Uint8Array(5)), [{ layer: 'payload', problem: 'no whole ethernet header' }]);
  t.strictSame(parsePacket(new Uint8Array(0)), [
    { layer: 'payload', data: new Uint8Array(0), problem: 'no whole ethernet header' },
  ]);
});

t.test('one line of text', async (t) => {
  const texts: [Uint8Array, string][] = [
    [samples.udp, '02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff 10.0.0.1:1234 > 10.1.0.1:1234 UDP 12 bytes'],
    [
      samples.tcp6,
      '02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff vlan 1 priority 7 vlan 2 ' +
        '[2001:db8::5]:1234 > [fd00::2]:80 TCP [S] sequence 0 window 65535 1001 bytes',
    ],
    [arp(), '02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff ARP who has 10.1.0.1? tell 10.0.0.1'],
    [samples.arp, '02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff ARP 10.0.0.1 is at 02:00:00:00:00:01'],
    [
      icmp({ sequence: 4 }),
      '02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff 10.0.0.1 > 10.1.0.1 ICMP echo request id 1 sequence 4',
    ],
    [
      vxlan({ vni: 7, inner: arp() }),
      '02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff 10.0.0.1:1234 > 10.1.0.1:4789 UDP VXLAN 7 | ' +
        '02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff ARP who has 10.1.0.1? tell 10.0.0.1',
    ],
    [samples['another protocol'], '02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff fd00::1 > fd00::2 protocol 112 20 bytes'],
    [samples['IEEE 802.3'], '02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff 802.3 46 bytes'],
    [
      tcp().subarray(0, 40),
      '02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff 10.0.0.1 > 10.1.0.1 protocol 6 6 bytes (no whole tcp header: 6 bytes)',
    ],
  ];
  for (const [frame, text] of texts) t.equal(describePacket(frame), text);
  t.equal(describePacket(parsePacket(samples.udp)), texts[0][1], 'from layers as well');
  const inMemory = new Uint8Array(100);
  inMemory.set(samples.udp, 20);
  t.equal(describePacket(inMemory, 20, samples.udp.length), texts[0][1], 'from the middle of memory');
});

t.test('IPv6 addresses, RFC 5952', async (t) => {
  const forms: [string, string][] = [
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['fe80:0:0:0:0:0:0:0', 'fe80::'],
  ];
  for (const [given, text] of forms) t.equal(formatIpv6(parseIpv6(given)), text, given);
  for (const wrong of ['', ':', '10.0.0.1', '1::2::3', 'fe80::1%eth0', 'g::', '1:2:3:4:5:6:7']) {
    t.equal(
      codeOf(() => parseIpv6(wrong)),
      'ERR_INVALID_ARG_VALUE',
      wrong,
    );
  }
  t.equal(
    codeOf(() => formatIpv6(new Uint8Array(15))),
    'ERR_OUT_OF_RANGE',
  );
});

t.test('bad options name the argument', async (t) => {
  const cases: [() => unknown, RegExp][] = [
    [() => udp({ srcPort: 65536 }), /"srcPort" must be an integer from 0 to 65535, received 65536/],
    [() => udp({ length: 41 }), /"length" must be an integer from 42/],
    [() => udp({ length: 60, payload: 100 }), /"length" must be at least 142 for this packet/],
    [() => udp({ vlan: 4096 }), /"vlan id"/],
    [() => udp({ vlan: [5, '6'] as never }), /"vlan" must be a number, a tag, or an array of them, received '6'/],
    [() => udp({ vlan: { id: 5, prio: 1 } as never }), /"vlan" knows id, priority, dropEligible but not "prio"/],
    [() => udp({ vlan: {} as never }), /"vlan" must have an id/],
    [() => udp({ version: 5 as never }), /"version" must be 4 or 6, received 5/],
    [() => udp({ flowLabel: -1 }), /"flowLabel" must be an integer from 0 to 1048575/],
    [() => gre({ inner: udp(), checksum: 'yes' as never }), /"checksum" must be a boolean/],
    [() => tcp({ flags: ['S'] as never }), /"flags" must be a string/],
    [() => tcp({ options: { mss: 1460 } as never }), /"tcp options" must be an array/],
    [() => tcp({ options: [null] as never }), /"tcp option" must be an object/],
    [() => udp({ srcIp: '10.0.0.256' }), /"ip" must be an IPv4 address/],
    [() => udp({ srcIp: 'fd00::1', version: 4 }), /"version" does not go with IPv6 addresses/],
    [() => udp({ srcIp: 'fd00::1', dstIp: '10.0.0.1' }), /"ip" must be an IPv6 address/],
    [() => udp({ port: 5 } as object), /knows .* but not "port"/],
    [() => tcp({ flags: 'SX' }), /"flags" must be made of the letters FSRPAUECN/],
    [() => tcp({ options: new Array(11).fill({ option: 'mss', value: 1 }) }), /"tcp options" must be at most 40 bytes/],
    [() => vxlan({ inner: 'x' as never }), /"inner" must be a Uint8Array/],
    [() => buildPacket([{ layer: 'nonsense' } as never]), /"layer" must be one of ethernet, vlan/],
    [() => buildPacket([{ layer: 'ipv4', options: new Uint8Array(3) }]), /"ipv4 options" must be a multiple of 4/],
    [() => buildPacket([{ layer: 'ipv4', fragmentOffset: 4 }]), /"fragmentOffset" must be a multiple of 8/],
    [() => buildPacket({} as never), /"layers" must be an array/],
    [() => parsePacket(new Uint8Array(10), 5, 6), /"offset, length" must be a range within 10 bytes/],
  ];
  for (const [f, message] of cases) t.throws(f, { message });
});
