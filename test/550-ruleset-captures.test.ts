/**
 * Every option on captured frames. The numbers are what tshark counts with the filter beside them (`-o ip.defragment:FALSE`), on real
 * captures, and on frames that we build for what does not occur there. Where tshark is, some are counted again.
 */
import t from 'tap';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arp, buildPacket, icmp, PcapReader, Ruleset, tcp, udp, VERDICT } from 'node-netmap';
import { scratch } from './folder';
import { classic } from './make-capture';
import { noData, sharedCapture } from './shared-data';

const hopByHop = { layer: 'ipv6-extension', protocol: 0, data: Uint8Array.of(0, 1, 4, 0, 0, 0, 0) } as const;
const destination = { ...hopByHop, protocol: 60 } as const;

/** Frames of the kinds that the real captures lack. */
const BUILT: readonly Uint8Array[] = [
  arp(),
  arp({ vlan: [{ id: 7, priority: 5 }] }),
  udp({ vlan: [{ id: 7 }], dstPort: 53 }),
  udp({
    vlan: [
      { id: 8, priority: 3 },
      { id: 9, priority: 1 },
    ],
    dstPort: 53,
  }),
  tcp({ vlan: [{ id: 8 }, { id: 10 }], flags: 'S', options: [{ option: 'mss', value: 1460 }] }),
  tcp({ srcIp: 'fd00::9', dstIp: 'fd00::1', flags: 'SEC', dstPort: 443 }),
  tcp({ flags: 'R', dstPort: 22 }),
  tcp({ flags: 'FPU', dstPort: 22 }),
  tcp({ flags: 'A', payload: 'data', options: [{ option: 'timestamps', value: 5, echo: 6 }] }),
  icmp(),
  icmp({ version: 6 }),
  udp({ version: 6, flowLabel: 5 }),
  udp({ version: 6, flowLabel: 77, dstPort: 53 }),
  buildPacket([{ layer: 'ethernet' }, { layer: 'ipv6' }, hopByHop, { layer: 'udp', dstPort: 9 }]),
  buildPacket([{ layer: 'ethernet' }, { layer: 'ipv6' }, hopByHop, destination, { layer: 'tcp', dstPort: 9 }]),
  buildPacket([{ layer: 'ethernet' }, { layer: 'ipv4', dscp: 46, ttl: 1 }, { layer: 'udp' }]),
  buildPacket([{ layer: 'ethernet' }, { layer: 'ipv4', dscp: 32 }, { layer: 'udp' }]),
  buildPacket([
    { layer: 'ethernet' },
    { layer: 'ipv4', options: Uint8Array.of(7, 7, 4, 0, 0, 0, 0, 1) },
    { layer: 'udp' },
  ]),
];

/** File, what a rule says, what tshark says, and how many frames both mean. */
type Golden = readonly [file: string, condition: string, display: string, count: number];
const AFS = 'afs.pcap';
const MPTCP = 'mptcp-v0.pcap';
const VRRP = 'vrrp.pcap';
const OURS = 'built';

const GOLDEN: readonly Golden[] = [
  [AFS, 'udp src-ip 131.151.32.21', '!icmp && ip.src == 131.151.32.21', 180],
  [AFS, 'udp from 131.151.1.0/24 to any', '!icmp && ip.src == 131.151.1.0/24', 390],
  [
    AFS,
    'udp from 131.151.1.59,131.151.1.146 to 131.151.32.0/24{1-30}',
    '!icmp && ip.src in {131.151.1.59, 131.151.1.146} && ip.dst >= 131.151.32.1 && ip.dst <= 131.151.32.30',
    379,
  ],
  [AFS, 'udp from not 131.151.32.21 to any', '!icmp && ip.src != 131.151.32.21', 396],
  [AFS, 'udp from 131.151.0.21:255.255.0.255 to any', '!icmp && ip.src == 131.151.32.21', 180],
  [AFS, 'udp dst-ip 131.151.1.146', '!icmp && ip.dst == 131.151.1.146', 43],
  [AFS, 'src-port 7000', '!icmp && udp.srcport == 7000', 74],
  [AFS, 'dst-port 7000-7002,7021', '!icmp && udp.dstport in {7000..7002, 7021}', 246],
  [
    AFS,
    'udp from any 7000-7001 to any 1024-2000',
    '!icmp && udp.srcport in {7000, 7001} && udp.dstport in {1024..2000}',
    0,
  ],
  [AFS, 'udp from any to any not 1799', '!icmp && !(udp.dstport == 1799)', 427],
  [AFS, 'proto udp', 'ip.proto == 17 && !icmp', 576],
  [AFS, 'icmp', 'icmp', 25],
  [AFS, '{ proto icmp or src-port 7021 }', 'icmp || udp.srcport == 7021 && !icmp', 137],
  [AFS, 'icmptypes 3', 'icmp.type == 3', 25],
  [AFS, 'icmptypes 0,8', 'icmp.type in {0, 8}', 0],
  [AFS, 'udp frag', '!icmp && ip.frag_offset > 0', 149],
  [AFS, 'frag mf', '!icmp && ip.flags.mf == 1', 149],
  [AFS, 'udp frag df,mf', '!icmp && ip.flags.mf == 1 && ip.flags.df == 1', 149],
  [AFS, 'udp frag !mf,offset', '!icmp && ip.flags.mf == 0 && ip.frag_offset > 0', 51],
  [AFS, 'udp frag !offset', '!icmp && ip.frag_offset == 0', 427],
  [AFS, 'udp iplen 1280-1400', '!icmp && ip.len >= 1280 && ip.len <= 1400', 80],
  [AFS, 'udp iplen 1500', '!icmp && ip.len == 1500', 155],
  [AFS, 'udp ipttl 254', '!icmp && ip.ttl == 254', 390],
  [AFS, 'udp ipttl 64-128', '!icmp && ip.ttl >= 64 && ip.ttl <= 128', 186],
  [AFS, 'udp ipid 0-9999', '!icmp && ip.id <= 9999', 218],
  [AFS, 'ipprecedence 6', 'ip.dsfield == 0xc0', 23],
  [AFS, 'dscp cs6', 'ip.dsfield.dscp == 48', 23],
  [AFS, 'mac any 00:60:08:9f:b1:f3', 'eth.src == 00:60:08:9f:b1:f3', 203],
  [AFS, 'mac 00:60:08:9f:b1:f3 any', 'eth.dst == 00:60:08:9f:b1:f3', 386],
  [AFS, 'src-mac 00:e0:00:00:00:00/16', 'eth.src[0:2] == 00:e0', 392],
  [AFS, 'dst-mac 00:00:08:00:00:00&00:00:ff:00:00:00', 'eth.dst[2:1] == 08', 386],
  [AFS, 'mac-type ipv4', 'eth.type == 0x0800', 601],
  [AFS, 'ipversion 4', 'ip.version == 4', 601],
  [AFS, 'malformed', 'frame.number == 0', 0],
  [MPTCP, 'tcp', 'tcp', 264],
  [MPTCP, 'setup', 'tcp.flags.syn == 1 && tcp.flags.ack == 0', 2],
  [MPTCP, 'established', 'tcp.flags.ack == 1 || tcp.flags.reset == 1', 262],
  [MPTCP, 'tcpflags syn,ack', 'tcp.flags.syn == 1 && tcp.flags.ack == 1', 2],
  [MPTCP, 'tcpflags fin', 'tcp.flags.fin == 1', 2],
  [MPTCP, 'tcpflags rst', 'tcp.flags.reset == 1', 1],
  [MPTCP, 'tcpflags psh,!syn', 'tcp.flags.push == 1 && tcp.flags.syn == 0', 151],
  [MPTCP, 'not tcpflags ack', 'tcp.flags.ack == 0', 2],
  [MPTCP, 'tcp from 10.2.1.2 to any ssh', 'ip.src == 10.2.1.2 && tcp.dstport == 22', 153],
  [MPTCP, 'tcp from any ssh to any', 'tcp.srcport == 22', 111],
  [MPTCP, 'dst-port 35961,41221', 'tcp.dstport in {35961, 41221}', 111],
  [MPTCP, 'tcpdatalen 0', 'tcp.len == 0', 113],
  [MPTCP, 'tcpdatalen 48-64,96', 'tcp.len in {48..64, 96}', 101],
  [MPTCP, 'tcpwin 305', 'tcp.window_size_value == 305', 118],
  [MPTCP, 'tcpwin 280-310,707', 'tcp.window_size_value in {280..310, 707}', 232],
  [MPTCP, 'tcpoptions mss', 'tcp.option_kind == 2', 4],
  [MPTCP, 'tcpoptions ts,!mss', 'tcp.option_kind == 8 && !(tcp.option_kind == 2)', 260],
  [MPTCP, 'tcpoptions window', 'tcp.option_kind == 3', 4],
  [MPTCP, 'tcpoptions sack', 'tcp.option_kind == 4 || tcp.option_kind == 5', 4],
  [MPTCP, 'tcpmss 1000-1500', 'tcp.options.mss_val >= 1000 && tcp.options.mss_val <= 1500', 4],
  [MPTCP, 'tcpseq 0-2147483647', 'tcp.seq_raw <= 2147483647', 154],
  [MPTCP, 'tcpack 2147483648-4294967295', 'tcp.ack_raw >= 2147483648', 80],
  [MPTCP, '{ dst-ip 10.1.1.2 or dst-ip 10.1.2.2 } ipttl 63', 'ip.dst in {10.1.1.2, 10.1.2.2} && ip.ttl == 63', 0],
  [MPTCP, 'frag df', 'ip.flags.df == 1', 264],
  [VRRP, 'ip4', 'ip', 101],
  [VRRP, 'ip6', 'ipv6', 64],
  [VRRP, 'proto 112', 'vrrp', 165],
  [VRRP, 'vrrp from 10.0.0.96/31 to 224.0.0.0/4', 'ip.src in {10.0.0.96, 10.0.0.97}', 44],
  [VRRP, 'src-ip6 fe80::20c:42ff:fe5e:c2dc', 'ipv6.src == fe80::20c:42ff:fe5e:c2dc', 16],
  [VRRP, 'ip from fe80::d6ca:6dff:0:0/96 to ff02::12', 'ipv6.src == fe80::d6ca:6dff:0:0/96', 48],
  [VRRP, 'dst-ip6 ff00::/8', 'ipv6.dst == ff00::/8', 64],
  [VRRP, '{ ip4 or src-ip6 fe80::d6ca:6dff:fe72:b1e4 }', 'ip || ipv6.src == fe80::d6ca:6dff:fe72:b1e4', 111],
  [VRRP, 'ipttl 255', 'ip.ttl == 255 || ipv6.hlim == 255', 165],
  [VRRP, 'iplen 128', 'ipv6.plen == 88', 32],
  [VRRP, 'iplen 36-40', 'ip.len >= 36 && ip.len <= 40', 67],
  [VRRP, 'ipversion 6', 'ipv6', 64],
  [VRRP, 'src-mac 00:00:5e:00:02:00/40', 'eth.src[0:5] == 00:00:5e:00:02', 64],
  [VRRP, 'ether-type ip6', 'eth.type == 0x86dd', 64],
  [OURS, 'mac-type arp', 'eth.type == 0x0806', 1],
  [OURS, 'ether-type arp', 'arp', 2],
  [OURS, 'mac-type vlan', 'eth.type == 0x8100', 2],
  [OURS, 'vlan any', 'vlan', 4],
  [OURS, 'vlan 7', 'vlan.id == 7', 2],
  [OURS, 'vlan 8-20', 'ieee8021ad.id == 8', 2],
  [OURS, 'inner-vlan any', 'ieee8021ad.id == 8', 2],
  [OURS, 'inner-vlan 9-10', 'vlan.id in {9, 10}', 2],
  [OURS, 'inner-vlan 10', 'vlan.id == 10', 1],
  [OURS, 'vlan-pri 3-5', 'vlan.priority == 5 || ieee8021ad.priority == 3', 2],
  [OURS, 'inner-vlan-pri 1', 'vlan.priority == 1', 1],
  [OURS, 'udp dst-port 53', 'udp.dstport == 53', 3],
  [OURS, 'udp dst-port 53 vlan any', 'udp.dstport == 53 && vlan', 2],
  [OURS, 'tcp setup', 'tcp.flags.syn == 1 && tcp.flags.ack == 0', 3],
  [OURS, 'tcpmss 1460', 'tcp.options.mss_val == 1460', 1],
  [OURS, 'tcpflags ece,cwr', 'tcp.flags.ece == 1 && tcp.flags.cwr == 1', 1],
  [
    OURS,
    'tcpflags fin,psh,urg,!ack',
    'tcp.flags.fin == 1 && tcp.flags.push == 1 && tcp.flags.urg == 1 && tcp.flags.ack == 0',
    1,
  ],
  [OURS, 'established', 'tcp.flags.ack == 1 || tcp.flags.reset == 1', 2],
  [OURS, 'tcpoptions ts', 'tcp.option_kind == 8', 1],
  [OURS, 'icmptypes 8', 'icmp.type == 8', 1],
  [OURS, 'icmp6types 128', 'icmpv6.type == 128', 1],
  [OURS, 'icmp6', 'icmpv6', 1],
  [OURS, 'flow-id 5', 'ipv6.flow == 5', 1],
  [OURS, 'flow-id 6-100', 'ipv6.flow >= 6 && ipv6.flow <= 100', 1],
  [OURS, 'ext6hdr hopopt', 'ipv6.hopopts', 2],
  [OURS, 'ext6hdr dstopt', 'ipv6.dstopts', 1],
  [OURS, 'ip6 dst-port 9', 'ipv6 && (udp.dstport == 9 || tcp.dstport == 9)', 2],
  [OURS, 'proto tcp ext6hdr hopopt', 'tcp && ipv6.hopopts', 1],
  [OURS, 'dscp ef', 'ip.dsfield.dscp == 46', 1],
  [OURS, 'dscp 32', 'ip.dsfield.dscp == 32', 1],
  [OURS, 'iptos lowdelay', 'ip.dsfield & 0x10', 1],
  [OURS, 'ipprecedence 4-5', 'ip.dsfield.dscp >= 32', 2],
  [OURS, 'ipttl 1', 'ip.ttl == 1', 1],
  [OURS, 'src-ip6 fd00::/8 proto tcp', 'ipv6.src == fd00::/8 && tcp', 2],
  [OURS, 'not { ip4 or ip6 }', '!ip && !ipv6', 2],
  [OURS, 'ipoptions rr,!ts', 'ip.opt.type == 7', 1],
];

function framesOf(path: string): { data: Uint8Array; places: Uint32Array } {
  const places: number[] = [];
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { data, originalLength } of PcapReader.open(path)) {
    parts.push(new Uint8Array(data));
    places.push(at, data.length, originalLength);
    at += data.length;
  }
  return { data: Buffer.concat(parts), places: Uint32Array.from(places) };
}

function matches(frames: { data: Uint8Array; places: Uint32Array }, condition: string): number {
  const verdicts = Ruleset.filter(condition).classifyBytes(frames.data, frames.places);
  let count = 0;
  for (let i = 0; i < verdicts.length; i++) if (verdicts.action(i) === VERDICT.ALLOW) count++;
  return count;
}

const built = join(scratch, 'rules.pcap');
writeFileSync(built, classic(BUILT.map((data) => ({ data }))));
const noTshark = spawnSync('tshark', ['--version']).status !== 0 && 'no tshark here (Debian: apt-get install tshark)';

for (const file of [AFS, MPTCP, VRRP, OURS]) {
  const path = file === OURS ? built : sharedCapture(file);
  const golden = GOLDEN.filter(([of]) => of === file);
  t.test(`options on ${file}`, { skip: path === undefined && noData(file) }, async (t) => {
    const frames = framesOf(path!);
    for (const [, condition, display, count] of golden) {
      t.equal(matches(frames, condition), count, `${condition}   (tshark: ${display})`);
    }
  });
  t.test(`tshark counts so on ${file}`, { skip: noTshark || (path === undefined && noData(file)) }, async (t) => {
    // One run for each takes a while; a few show that the numbers are still what it says.
    for (const [, , display, count] of golden.filter((_, n) => n % 12 === 0)) {
      const args = [
        '-n',
        '-o',
        'ip.defragment:FALSE',
        '-r',
        path!,
        '-Y',
        display,
        '-T',
        'fields',
        '-e',
        'frame.number',
      ];
      const { stdout } = spawnSync('tshark', args, { encoding: 'utf8', timeout: 60_000 });
      t.equal(stdout.split('\n').length - 1, count, display);
    }
  });
}
