/**
 * A packet as plain objects, one for each header, outermost first. What {@link parsePacket} returns and what
 * {@link buildPacket} takes, so that the one undoes the other, byte by byte. Addresses are text, everything else is numbers,
 * booleans and bytes of their own (no views of ring memory).
 */
export type Layer =
  | EthernetLayer
  | VlanLayer
  | ArpLayer
  | Ipv4Layer
  | Ipv6Layer
  | Ipv6ExtensionLayer
  | IcmpLayer
  | Icmpv6Layer
  | UdpLayer
  | TcpLayer
  | VxlanLayer
  | GreLayer
  | PayloadLayer;

/** A layer with everything but its name left to defaults: lengths, checksums and types follow from what is behind it. */
export type LayerInput = Layer extends infer L ? (L extends Layer ? Partial<L> & Pick<L, 'layer'> : never) : never;

/** Ethernet header. */
export interface EthernetLayer {
  layer: 'ethernet';
  /** Destination MAC address, broadcast by default. */
  dst: string;
  /** Source MAC address, `02:00:00:00:00:01` by default. */
  src: string;
  /** EtherType; below 1536 the length of an IEEE 802.3 frame. */
  etherType: number;
}

/** VLAN tag (IEEE 802.1Q). The layer before it announces it: by 0x8100, or by 0x88a8 where another tag follows. */
export interface VlanLayer {
  layer: 'vlan';
  /** 0 to 4095, 1 by default. */
  id: number;
  /** 0 to 7, 0 by default. */
  priority: number;
  dropEligible: boolean;
  /** EtherType of what follows. */
  etherType: number;
}

/** ARP for IPv4 on Ethernet. */
export interface ArpLayer {
  layer: 'arp';
  /** 1 (the default) asks, 2 answers. */
  operation: number;
  senderMac: string;
  senderIp: string;
  targetMac: string;
  targetIp: string;
}

/** IPv4 header. */
export interface Ipv4Layer {
  layer: 'ipv4';
  /** 10.0.0.1 by default. */
  src: string;
  /** 10.1.0.1 by default. */
  dst: string;
  dscp: number;
  ecn: number;
  totalLength: number;
  identification: number;
  /** True by default: without fragments the identification may stay 0 (RFC 6864). */
  dontFragment: boolean;
  moreFragments: boolean;
  /** The bit before `dontFragment`; nobody may set it. */
  reserved: boolean;
  /** In bytes, a multiple of 8. */
  fragmentOffset: number;
  /** 64 by default. */
  ttl: number;
  protocol: number;
  checksum: number;
  /** A multiple of 4 bytes, 40 at most. */
  options: Uint8Array;
  /** Bytes behind the packet: Ethernet padding. */
  trailer: Uint8Array;
}

/** IPv6 header. */
export interface Ipv6Layer {
  layer: 'ipv6';
  /** fd00::1 by default. */
  src: string;
  /** fd00::2 by default. */
  dst: string;
  trafficClass: number;
  flowLabel: number;
  payloadLength: number;
  nextHeader: number;
  /** 64 by default. */
  hopLimit: number;
  /** Bytes behind the packet: Ethernet padding. */
  trailer: Uint8Array;
}

/** An extension header of IPv6. */
export interface Ipv6ExtensionLayer {
  layer: 'ipv6-extension';
  /** Its own protocol number: 0 hop-by-hop, 43 routing, 44 fragment, 51 authentication, 60 destination options, ... */
  protocol: number;
  nextHeader: number;
  /** Its bytes behind `nextHeader`, the length field included: 8 n + 7 of them. */
  data: Uint8Array;
}

/** ICMP header. */
export interface IcmpLayer {
  layer: 'icmp';
  /** 8 by default, an echo request. */
  type: number;
  code: number;
  checksum: number;
  /** The four bytes behind the checksum, read as those of an echo. */
  identifier: number;
  sequence: number;
}

/** ICMPv6 header. */
export interface Icmpv6Layer {
  layer: 'icmpv6';
  /** 128 by default, an echo request. */
  type: number;
  code: number;
  checksum: number;
  /** The four bytes behind the checksum, read as those of an echo. */
  identifier: number;
  sequence: number;
}

/** UDP header. */
export interface UdpLayer {
  layer: 'udp';
  /** 1234 by default. */
  srcPort: number;
  /** 1234 by default; 4789 where VXLAN follows. */
  dstPort: number;
  length: number;
  /** 0 says that there is none. */
  checksum: number;
  /** Bytes of the IP packet behind the UDP packet. */
  trailer: Uint8Array;
}

/** TCP header. */
export interface TcpLayer {
  layer: 'tcp';
  /** 1234 by default. */
  srcPort: number;
  /** 80 by default. */
  dstPort: number;
  sequence: number;
  acknowledgment: number;
  /** Letters: F(IN), S(YN), R(ST), P(SH), A(CK), U(RG), E(CE), C(WR), N (AE). `S` by default. */
  flags: string;
  /** The three bits between header length and flags. */
  reserved: number;
  /** 65535 by default. */
  window: number;
  checksum: number;
  urgent: number;
  options: TcpOption[];
}

/** An option of TCP. What is not known by name, or has a strange length, is `other`. */
export type TcpOption =
  | { option: 'nop' }
  | { option: 'mss'; value: number }
  | { option: 'window-scale'; shift: number }
  | { option: 'sack-permitted' }
  | { option: 'sack'; blocks: [from: number, to: number][] }
  | { option: 'timestamps'; value: number; echo: number }
  | { option: 'other'; kind: number; data: Uint8Array }
  /** The end of the list, with all bytes up to the end of the header; without `data`, as many zeros as are needed. */
  | { option: 'end'; data?: Uint8Array };

/** VXLAN header; an Ethernet layer follows. */
export interface VxlanLayer {
  layer: 'vxlan';
  /** Network identifier, 0 to 2^24 - 1, 1 by default. */
  vni: number;
  /** 8 by default: the identifier counts. */
  flags: number;
}

/** GRE header. */
export interface GreLayer {
  layer: 'gre';
  /** EtherType of what follows; 0x6558 is an Ethernet frame. */
  protocol: number;
  /** Of header and payload. There is none unless it is given; `true` lets it be computed. */
  checksum?: number | true;
  key?: number;
  sequence?: number;
}

/** What is no header, or none that is known. The last layer. */
export interface PayloadLayer {
  layer: 'payload';
  data: Uint8Array;
  /** Why a header that should be here was not read. */
  problem?: string;
}
