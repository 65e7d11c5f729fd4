import { updateChecksum, updateChecksum32 } from '../checksum';
import {
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
  VLAN_TAG,
} from '../layout';
import { ArpView } from './arp-view';
import { dataOf } from './bytes';
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

function isTag(type: number): boolean {
  return type === TYPE_VLAN || type === TYPE_SERVICE_VLAN;
}

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
  private readonly data: DataView;
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
    this.data = dataOf(bytes);
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
   * @param length its bytes, without CRC; what would lie beyond the memory is not there
   * @returns {@link PacketView.layers}
   * @throws RangeError for an offset in front of the memory
   */
  parse(offset: number, length: number): number {
    const { ethernet } = this;
    const end = offset + length;
    if (end > this.bytes.length) return this.parseCut(offset, length);
    this.offset = ethernet.offset = offset;
    this.length = length;
    this.vlans = 0;
    ethernet.end = end;
    const type = offset + 14 > end ? 0 : this.data.getUint16(offset + 12);
    this.etherType = type;
    return type === 0x0800 ? this.parseIpv4(offset + 14, end, 0x001) : this.parseOther(offset + 14, end, type);
  }

  // Each of these gets the layers in front of it, and returns all that there are. V8 puts what is called into its caller up to a
  // certain size of bytecode. So what is seldom is in functions of its own, and what each packet passes through, the next two and
  // `parse`, says numbers where elsewhere there would be names: those of `../layout`, and of LAYER.

  private parseIpv4(at: number, end: number, layers: number): number {
    const { data, ipv4 } = this;
    ipv4.offset = at;
    ipv4.end = end;
    const first = at + 20 > end ? 0 : data.getUint32(at); // version, header length, total length
    const payload = at + ((first >>> 22) & 0x3c);
    let packetEnd = at + ((first << 16) >>> 16);
    if (first >>> 28 !== 4 || payload < at + 20 || packetEnd < payload || payload > end) {
      return this.none(layers, at, end);
    }
    if (packetEnd > end) packetEnd = end;
    const second = data.getUint32(at + 6); // fragment, time to live, protocol
    const protocol = second & 0xff;
    this.protocol = protocol;
    const fragment = (second << 2) >>> 18; // with the bit that says that more follow
    this.isFragment = fragment !== 0;
    if (protocol === 17 && fragment === 0) return this.parseUdp(payload, packetEnd, layers | 0x008);
    // What follows in later fragments is no header.
    return this.parseTransport(fragment & 0x1fff ? -1 : protocol, payload, packetEnd, layers | 0x008);
  }

  private parseUdp(at: number, end: number, layers: number): number {
    const { data, udp } = this;
    udp.offset = at;
    udp.end = end;
    const length = at + 8 > end ? 0 : data.getUint16(at + 4);
    if (length < 8) return this.found(layers, at, end);
    this.payloadOffset = at + 8;
    this.payloadEnd = at + length < end ? at + length : end;
    this.layers = layers | 0x080;
    return data.getUint16(at + 2) === 4789 ? this.parseVxlan() : this.layers;
  }

  /** A frame that reaches beyond the memory: what is there of it. */
  private parseCut(offset: number, length: number): number {
    const size = this.bytes.length;
    if (offset < size) this.parse(offset, size - offset);
    else {
      this.offset = offset;
      this.vlans = 0;
      this.etherType = 0;
      this.none(0, offset, offset);
    }
    this.length = length;
    return this.layers;
  }

  /** What is not IPv4, or not at once. */
  private parseOther(first: number, end: number, outer: number): number {
    if (first > end) return this.none(0, this.offset, end);
    let at = first;
    let type = outer;
    let found: number = LAYER.ETHERNET;
    if (isTag(type) && this.vlan.check(at, end)) {
      found |= LAYER.VLAN;
      do {
        this.vlans++;
        type = this.data.getUint16(at + 2);
        at += VLAN_TAG;
      } while (isTag(type) && at + VLAN_TAG <= end);
    }
    this.etherType = type;
    if (type === TYPE_IPV4) return this.parseIpv4(at, end, found);
    if (type === TYPE_IPV6) return this.parseIpv6(at, end, found);
    if (type === TYPE_ARP && this.arp.check(at, end)) return this.none(found | LAYER.ARP, this.arp.payloadOffset, end);
    return this.none(found, at, end);
  }

  private parseIpv6(at: number, end: number, layers: number): number {
    const { ipv6, extensions } = this;
    if (!ipv6.check(at, end)) return this.none(layers, at, end);
    const packetEnd = ipv6.packetEnd;
    const payload = ipv6.payloadOffset;
    if (!skipExtensions(this.bytes, payload, packetEnd, ipv6.nextHeader, extensions)) {
      return this.none(layers | LAYER.IPV6, payload, packetEnd);
    }
    const { protocol, offset, isFragment, isLaterFragment } = extensions;
    this.protocol = protocol;
    this.isFragment = isFragment;
    return this.parseTransport(isLaterFragment ? -1 : protocol, offset, packetEnd, layers | LAYER.IPV6);
  }

  private parseTransport(protocol: number, at: number, end: number, layers: number): number {
    if (protocol === PROTOCOL_UDP) return this.parseUdp(at, end, layers);
    if (protocol === PROTOCOL_TCP) {
      if (this.tcp.check(at, end)) return this.found(layers | LAYER.TCP, this.tcp.payloadOffset, end);
    } else if (protocol === PROTOCOL_ICMP) {
      if (this.icmp.check(at, end)) return this.found(layers | LAYER.ICMP, this.icmp.payloadOffset, end);
    } else if (protocol === PROTOCOL_ICMPV6) {
      if (this.icmpv6.check(at, end)) return this.found(layers | LAYER.ICMPV6, this.icmpv6.payloadOffset, end);
    } else if (protocol === PROTOCOL_GRE) {
      if (this.gre.check(at, end)) return this.found(layers | LAYER.GRE, this.gre.payloadOffset, end);
    }
    return this.found(layers, at, end);
  }

  private parseVxlan(): number {
    const { vxlan, payloadOffset, payloadEnd, layers } = this;
    if (!vxlan.check(payloadOffset, payloadEnd)) return layers;
    return this.found(layers | LAYER.VXLAN, vxlan.payloadOffset, payloadEnd);
  }

  private found(layers: number, payloadOffset: number, payloadEnd: number): number {
    this.payloadOffset = payloadOffset;
    this.payloadEnd = payloadEnd;
    this.layers = layers;
    return layers;
  }

  /** There is no IP, or none that could be followed. */
  private none(layers: number, payloadOffset: number, payloadEnd: number): number {
    this.protocol = -1;
    this.isFragment = false;
    return this.found(layers, payloadOffset, payloadEnd);
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
