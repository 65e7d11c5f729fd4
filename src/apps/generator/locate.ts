import type { PacketView } from '../../packet';
import { LAYER } from '../../packet/view';
import type { FieldName } from '../../packet/field';

/** Where a field lies in a frame, and which checksums cover it. */
export interface Place {
  /** Of the first byte. */
  at: number;
  /** Bytes: 1, 2, 4, 6 or 8. */
  width: number;
  /** Bits below the field in those bytes. */
  shift: number;
  bits: number;
  /** Covered by the checksum of the IPv4 header. */
  inHeader: boolean;
  /** Covered by the checksum of UDP, TCP or ICMP. */
  inPacket: boolean;
}

/** Which checksum covers a field. */
type Cover = 'none' | 'header' | 'packet' | 'both';

function place(at: number, width: number, cover: Cover, bits = 8 * width, shift = 0): Place {
  const inHeader = cover === 'header' || cover === 'both';
  const inPacket = cover === 'packet' || cover === 'both';
  return { at, width, shift, bits, inHeader, inPacket };
}

/** Where a field lies in the frame that a view was moved to; undefined where there is no such field. */
export function locate(packet: PacketView, name: FieldName): Place | undefined {
  const start = packet.offset;
  const found = locateInMemory(packet, name);
  return found && { ...found, at: found.at - start };
}

function locateInMemory(packet: PacketView, name: FieldName): Place | undefined {
  const { ethernet, vlan, ipv4, ipv6, udp, tcp, icmp, icmpv6, vxlan } = packet;
  const v4 = packet.has(LAYER.IPV4);
  const v6 = packet.has(LAYER.IPV6);
  const isUdp = packet.has(LAYER.UDP);
  const isTcp = packet.has(LAYER.TCP);
  const ports = isUdp ? udp.offset : isTcp ? tcp.offset : undefined;
  const echo = packet.has(LAYER.ICMP) ? icmp.offset : packet.has(LAYER.ICMPV6) ? icmpv6.offset : undefined;
  switch (name) {
    case 'dstMac':
      return place(ethernet.offset, 6, 'none');
    case 'srcMac':
      return place(ethernet.offset + 6, 6, 'none');
    case 'vlan':
      return packet.has(LAYER.VLAN) ? place(vlan.offset, 2, 'none', 12) : undefined;
    case 'priority':
      return packet.has(LAYER.VLAN) ? place(vlan.offset, 1, 'none', 3, 5) : undefined;
    case 'srcIp':
      // Of an IPv6 address the lower half: the upper one is the template's.
      if (v6) return place(ipv6.offset + 16, 8, 'packet');
      return v4 ? place(ipv4.offset + 12, 4, 'both') : undefined;
    case 'dstIp':
      if (v6) return place(ipv6.offset + 32, 8, 'packet');
      return v4 ? place(ipv4.offset + 16, 4, 'both') : undefined;
    case 'ttl':
      if (v6) return place(ipv6.offset + 7, 1, 'none');
      return v4 ? place(ipv4.offset + 8, 1, 'header') : undefined;
    case 'dscp':
      if (v6) return place(ipv6.offset, 2, 'none', 6, 6);
      return v4 ? place(ipv4.offset + 1, 1, 'header', 6, 2) : undefined;
    case 'identification':
      return v4 ? place(ipv4.offset + 4, 2, 'header') : undefined;
    case 'flowLabel':
      return v6 ? place(ipv6.offset, 4, 'none', 20) : undefined;
    case 'srcPort':
      return ports === undefined ? undefined : place(ports, 2, 'packet');
    case 'dstPort':
      return ports === undefined ? undefined : place(ports + 2, 2, 'packet');
    case 'sequence':
      if (echo !== undefined) return place(echo + 6, 2, 'packet');
      return isTcp ? place(tcp.offset + 4, 4, 'packet') : undefined;
    case 'acknowledgment':
      return isTcp ? place(tcp.offset + 8, 4, 'packet') : undefined;
    case 'flags':
      return isTcp ? place(tcp.offset + 12, 2, 'packet', 9) : undefined;
    case 'window':
      return isTcp ? place(tcp.offset + 14, 2, 'packet') : undefined;
    case 'type':
      return echo === undefined ? undefined : place(echo, 1, 'packet');
    case 'code':
      return echo === undefined ? undefined : place(echo + 1, 1, 'packet');
    case 'identifier':
      return echo === undefined ? undefined : place(echo + 4, 2, 'packet');
    case 'vni':
      return packet.has(LAYER.VXLAN) ? place(vxlan.offset + 4, 4, 'packet', 24, 8) : undefined;
    default:
      return undefined;
  }
}
