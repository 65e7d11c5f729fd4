import { updateChecksum, updateChecksum32 } from '../checksum';
import {
  ETHERNET_HEADER,
  PORT_VXLAN,
  PROTOCOL_GRE,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  TYPE_ARP,
  TYPE_IPV4,
  TYPE_IPV6,
  TYPE_SERVICE_VLAN,
  TYPE_VLAN,
  UDP_HEADER,
  VLAN_TAG,
  VXLAN_HEADER,
} from '../layout';
import { ArpView } from './arp-view';
import { read16 } from './bytes';
import { EthernetView } from './ethernet-view';
import { ExtensionEnd, skipExtensions } from './extensions';
import { GreView } from './gre-view';
import { IcmpView } from './icmp-view';
import { Ipv4View } from './ipv4-view';
import { Ipv6View } from './ipv6-view';
import { TcpView } from './tcp-view';
import { UdpView } from './udp-view';
import { VlanView } from './vlan-view';
import { VxlanView } from './vxlan-view';

/** Bits of {@link PacketView.layers}. */
export const LAYER = {
  ETHERNET: 0x001,
  VLAN: 0x002,
  ARP: 0x004,
  IPV4: 0x008,
  IPV6: 0x010,
  ICMP: 0x020,
  ICMPV6: 0x040,
  UDP: 0x080,
  TCP: 0x100,
  VXLAN: 0x200,
  GRE: 0x400,
} as const;

/**
 * A frame where it lies: finds its headers and moves a view onto each. One of them serves for all packets of a port, and no
 * method allocates.
 *
 * ```ts
 * const packet = new PacketView(port.u8);
 * for (let n = ring.available, i = ring.head; n > 0; n--, i = ring.next(i)) {
 *   packet.parse(ring.offset(i), ring.length(i));
 *   if (packet.has(LAYER.UDP) && packet.udp.dstPort === 9) bytes += packet.udp.length;
 * }
 * ```
 *
 * A view means something only if {@link PacketView.has} says that its layer is there: whole, and not contradicting itself. Of a
 * tunnel, the outer packet is shown; for the inner one call `parse` of a second view with `vxlan.payloadOffset`.
 */
export class PacketView {
  /** The memory, for example `port.u8`. */
  readonly bytes: Uint8Array;
  readonly ethernet: EthernetView;
  /** The outermost VLAN tag. */
  readonly vlan: VlanView;
  readonly arp: ArpView;
  readonly ipv4: Ipv4View;
  readonly ipv6: Ipv6View;
  readonly icmp: IcmpView;
  readonly icmpv6: IcmpView;
  readonly udp: UdpView;
  readonly tcp: TcpView;
  readonly vxlan: VxlanView;
  readonly gre: GreView;

  /** Which headers are there: bits of {@link LAYER}. */
  layers = 0;
  /** Where the frame begins in `bytes`. */
  offset = 0;
  /** Bytes of the frame, without CRC. */
  length = 0;
  /** VLAN tags that were stepped over. */
  vlans = 0;
  /** EtherType behind all VLAN tags. */
  etherType = 0;
  /** IP protocol number behind all extension headers, -1 where there is no IP. */
  protocol = -1;
  /** Whether it is a part of an IP packet. Only the first part has a transport header. */
  isFragment = false;
  /** Where what follows the last header that was understood begins in `bytes`. */
  payloadOffset = 0;
  /** Where the packet ends in `bytes`: Ethernet padding is not counted. */
  payloadEnd = 0;
  private readonly extensions = new ExtensionEnd();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.ethernet = new EthernetView(bytes);
    this.vlan = new VlanView(bytes);
    this.arp = new ArpView(bytes);
    this.ipv4 = new Ipv4View(bytes);
    this.ipv6 = new Ipv6View(bytes);
    this.icmp = new IcmpView(bytes);
    this.icmpv6 = new IcmpView(bytes);
    this.udp = new UdpView(bytes);
    this.tcp = new TcpView(bytes);
    this.vxlan = new VxlanView(bytes);
    this.gre = new GreView(bytes);
  }

  /** Whether a header is there, and whole: `packet.has(LAYER.UDP)`. Several bits: whether all of them are. */
  has(layer: number): boolean {
    return (this.layers & layer) === layer;
  }

  /**
   * Finds the headers of a frame.
   *
   * @param offset where it begins in `bytes`
   * @param length its bytes, without CRC
   * @returns {@link PacketView.layers}
   */
  parse(offset: number, length: number): number {
    const { bytes } = this;
    const end = (offset + length) | 0;
    this.offset = offset;
    this.length = length;
    this.layers = this.vlans = this.etherType = 0;
    this.protocol = -1;
    this.isFragment = false;
    this.payloadOffset = offset;
    this.payloadEnd = end;
    if (!this.ethernet.check(offset, end)) return 0;
    this.layers = LAYER.ETHERNET;
    let at = (offset + ETHERNET_HEADER) | 0;
    let type = read16(bytes, at - 2);
    if (type === TYPE_VLAN || type === TYPE_SERVICE_VLAN) {
      this.skipTags(at, end, type);
      type = this.etherType;
      at = this.payloadOffset;
    } else {
      this.etherType = type;
      this.payloadOffset = at;
    }
    if (type === TYPE_IPV4) this.parseIpv4(at, end);
    else if (type === TYPE_IPV6) this.parseIpv6(at, end);
    else if (type === TYPE_ARP && this.arp.check(at, end)) this.found(LAYER.ARP, this.arp.payloadOffset);
    return this.layers;
  }

  private skipTags(at: number, end: number, type: number): void {
    if (this.vlan.check(at, end)) this.layers |= LAYER.VLAN;
    while ((type === TYPE_VLAN || type === TYPE_SERVICE_VLAN) && at + VLAN_TAG <= end) {
      this.vlans++;
      type = read16(this.bytes, at + 2);
      at += VLAN_TAG;
    }
    this.etherType = type;
    this.payloadOffset = at;
  }

  // Bytes are read here without the views' getters: what is inlined into one function has a limit, and this is the hottest one.

  private parseIpv4(at: number, end: number): void {
    const { bytes, ipv4 } = this;
    if (!ipv4.check(at, end)) return;
    this.layers |= LAYER.IPV4;
    const payload = at + ((bytes[at] & 0x0f) << 2);
    const total = at + read16(bytes, at + 2);
    const packetEnd = total < end ? total : end;
    const fragment = read16(bytes, at + 6);
    const protocol = bytes[at + 9];
    this.payloadOffset = payload;
    this.payloadEnd = packetEnd;
    this.protocol = protocol;
    if ((fragment & 0x3fff) !== 0) {
      this.isFragment = true;
      if ((fragment & 0x1fff) !== 0) return; // what follows is no header
    }
    if (protocol === PROTOCOL_UDP) this.parseUdp(payload, packetEnd);
    else this.parseTransport(protocol, payload, packetEnd);
  }

  private parseIpv6(at: number, end: number): void {
    const { ipv6, extensions } = this;
    if (!ipv6.check(at, end)) return;
    this.found(LAYER.IPV6, ipv6.payloadOffset);
    const packetEnd = ipv6.packetEnd;
    this.payloadEnd = packetEnd;
    if (!skipExtensions(this.bytes, this.payloadOffset, packetEnd, ipv6.nextHeader, extensions)) return;
    const { protocol, offset } = extensions;
    this.protocol = protocol;
    this.isFragment = extensions.isFragment;
    this.payloadOffset = offset;
    if (extensions.isLaterFragment) return;
    if (protocol === PROTOCOL_UDP) this.parseUdp(offset, packetEnd);
    else this.parseTransport(protocol, offset, packetEnd);
  }

  private parseUdp(at: number, end: number): void {
    const { bytes, udp } = this;
    if (!udp.check(at, end)) return;
    this.layers |= LAYER.UDP;
    const payload = at + UDP_HEADER;
    const udpEnd = at + read16(bytes, at + 4);
    const packetEnd = udpEnd < end ? udpEnd : end;
    this.payloadOffset = payload;
    this.payloadEnd = packetEnd;
    if (read16(bytes, at + 2) === PORT_VXLAN && this.vxlan.check(payload, packetEnd)) {
      this.found(LAYER.VXLAN, payload + VXLAN_HEADER);
    }
  }

  private parseTransport(protocol: number, at: number, end: number): void {
    if (protocol === PROTOCOL_TCP) {
      if (this.tcp.check(at, end)) this.found(LAYER.TCP, this.tcp.payloadOffset);
    } else if (protocol === PROTOCOL_ICMP) {
      if (this.icmp.check(at, end)) this.found(LAYER.ICMP, this.icmp.payloadOffset);
    } else if (protocol === PROTOCOL_ICMPV6) {
      if (this.icmpv6.check(at, end)) this.found(LAYER.ICMPV6, this.icmpv6.payloadOffset);
    } else if (protocol === PROTOCOL_GRE) {
      if (this.gre.check(at, end)) this.found(LAYER.GRE, this.gre.payloadOffset);
    }
  }

  private found(layer: number, payloadOffset: number): void {
    this.layers |= layer;
    this.payloadOffset = payloadOffset;
  }

  /**
   * Computes the checksums of the IPv4 header and of UDP, TCP or ICMP, and stores them. A UDP packet without one stays without one
   * in IPv4; those of fragments are left alone.
   */
  fillChecksums(): void {
    const { ipv4, ipv6, udp, tcp, icmp, icmpv6 } = this;
    const v4 = this.has(LAYER.IPV4);
    if (v4) ipv4.fillChecksum();
    if (this.isFragment) return;
    const pseudoSum = (length: number) => (v4 ? ipv4.pseudoSum(length) : ipv6.pseudoSum(this.protocol, length));
    if (this.has(LAYER.UDP)) {
      const whole = udp.offset + udp.length <= udp.end;
      if (whole && (udp.checksum !== 0 || !v4)) udp.fillChecksum(pseudoSum(udp.length));
    } else if (this.has(LAYER.TCP)) tcp.fillChecksum(pseudoSum(tcp.end - tcp.offset));
    else if (this.has(LAYER.ICMP)) icmp.fillChecksum();
    else if (this.has(LAYER.ICMPV6)) icmpv6.fillChecksum(pseudoSum(icmpv6.end - icmpv6.offset));
  }

  /** Another IPv4 source address; all checksums are kept right without summing anew (RFC 1624). Of other packets, nothing changes. */
  replaceSrcIp(address: number): void {
    if (!this.has(LAYER.IPV4)) return;
    this.updateTransport32(this.ipv4.src, address);
    this.ipv4.replaceSrc(address);
  }

  /** Another IPv4 destination address; all checksums are kept right without summing anew (RFC 1624). Of other packets, nothing changes. */
  replaceDstIp(address: number): void {
    if (!this.has(LAYER.IPV4)) return;
    this.updateTransport32(this.ipv4.dst, address);
    this.ipv4.replaceDst(address);
  }

  /** Another source port of UDP or TCP; the checksum is kept right. Of other packets, nothing changes. */
  replaceSrcPort(port: number): void {
    const header = this.has(LAYER.UDP) ? this.udp : this.has(LAYER.TCP) ? this.tcp : undefined;
    if (header === undefined) return;
    this.updateTransport16(header.srcPort, port);
    header.srcPort = port;
  }

  /** Another destination port of UDP or TCP; the checksum is kept right. Of other packets, nothing changes. */
  replaceDstPort(port: number): void {
    const header = this.has(LAYER.UDP) ? this.udp : this.has(LAYER.TCP) ? this.tcp : undefined;
    if (header === undefined) return;
    this.updateTransport16(header.dstPort, port);
    header.dstPort = port;
  }

  /** UDP without a checksum stays without one, and a checksum of 0 is stored as 0xffff (RFC 768). */
  private updateTransport16(before: number, after: number): void {
    const { udp, tcp } = this;
    if (this.has(LAYER.TCP)) tcp.checksum = updateChecksum(tcp.checksum, before, after);
    else if (this.has(LAYER.UDP) && udp.checksum !== 0) {
      udp.checksum = updateChecksum(udp.checksum, before, after) || 0xffff;
    }
  }

  private updateTransport32(before: number, after: number): void {
    const { udp, tcp } = this;
    if (this.has(LAYER.TCP)) tcp.checksum = updateChecksum32(tcp.checksum, before, after);
    else if (this.has(LAYER.UDP) && udp.checksum !== 0) {
      udp.checksum = updateChecksum32(udp.checksum, before, after) || 0xffff;
    }
  }
}
