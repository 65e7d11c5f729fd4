import { checkObject } from '../../check';
import { foldSum } from '../../packet/checksum';
import { LAYER, PacketView } from '../../packet/view';
import { read16, write16 } from '../../packet/view/bytes';
import { always, ipRules, macRules, rewrite, type AddressMap, type AddressRule } from './address-map';

/**
 * Addresses that replayed packets get instead of their own. All checksums that cover them follow; wrong ones stay wrong. Of tunnels
 * the outer packet is changed, and what ICMP errors quote stays.
 */
export interface Rewrite {
  /** MAC address from which all packets come. */
  srcMac?: string;
  /** MAC address to which all packets go, broadcasts as well. */
  dstMac?: string;
  /** MAC addresses that become others, wherever they stand: source, destination, ARP. */
  macs?: AddressMap;
  /** IP addresses and networks that become others, wherever they stand: `{ '10.0.0.0/8': '192.168.0.0/16' }`. */
  ips?: AddressMap;
  /** The same for sources (in ARP the sender) only; goes before `ips`. */
  srcIps?: AddressMap;
  /** The same for destinations (in ARP the target) only; goes before `ips`. */
  dstIps?: AddressMap;
}

/** Rules as plain data. */
export interface RewriteRules {
  srcMac: AddressRule[];
  dstMac: AddressRule[];
  macs: AddressRule[];
  srcIp: AddressRule[];
  dstIp: AddressRule[];
}

/**
 * Reads what is to be rewritten.
 *
 * @throws TypeError naming what makes no sense
 */
export function rewriteRules(options: Rewrite | undefined): RewriteRules | undefined {
  if (options === undefined) return undefined;
  checkObject('rewrite', options, ['srcMac', 'dstMac', 'macs', 'ips', 'srcIps', 'dstIps']);
  const { srcMac, dstMac } = options;
  const macs = macRules('rewrite.macs', options.macs);
  const ips = ipRules('rewrite.ips', options.ips);
  return {
    srcMac: srcMac === undefined ? macs : [always(srcMac)],
    dstMac: dstMac === undefined ? macs : [always(dstMac)],
    macs,
    srcIp: [...ipRules('rewrite.srcIps', options.srcIps), ...ips],
    dstIp: [...ipRules('rewrite.dstIps', options.dstIps), ...ips],
  };
}

/** Puts other addresses into frames, where they lie. */
export class Rewriter {
  private readonly rules: RewriteRules;
  private packet = new PacketView(new Uint8Array(0));

  constructor(rules: RewriteRules) {
    this.rules = rules;
  }

  apply(bytes: Uint8Array, offset: number, length: number): void {
    if (this.packet.bytes !== bytes) this.packet = new PacketView(bytes);
    const { packet, rules } = this;
    packet.parse(offset, length);
    if (!packet.has(LAYER.ETHERNET)) return;
    rewrite(bytes, offset, 3, rules.dstMac);
    rewrite(bytes, offset + 6, 3, rules.srcMac);
    if (packet.has(LAYER.ARP)) {
      rewrite(bytes, packet.arp.senderMacOffset, 3, rules.macs);
      rewrite(bytes, packet.arp.targetMacOffset, 3, rules.macs);
      rewrite(bytes, packet.arp.senderMacOffset + 6, 2, rules.srcIp);
      rewrite(bytes, packet.arp.targetMacOffset + 6, 2, rules.dstIp);
    } else if (packet.has(LAYER.IPV4)) {
      const { offset: at } = packet.ipv4;
      const grown = this.addresses(at + 12, at + 16, 2);
      adjust(bytes, at + 10, grown, false);
      this.transport(grown);
    } else if (packet.has(LAYER.IPV6)) {
      this.transport(this.addresses(packet.ipv6.srcOffset, packet.ipv6.dstOffset, 8));
    }
  }

  private addresses(src: number, dst: number, width: number): number {
    const { rules, packet } = this;
    return rewrite(packet.bytes, src, width, rules.srcIp) + rewrite(packet.bytes, dst, width, rules.dstIp);
  }

  /** The checksums that cover addresses by a pseudo header. A part of a packet has them in its first part, if at all. */
  private transport(grown: number): void {
    const { packet } = this;
    if (packet.has(LAYER.TCP)) adjust(packet.bytes, packet.tcp.offset + 16, grown, false);
    else if (packet.has(LAYER.UDP)) adjust(packet.bytes, packet.udp.offset + 6, grown, true);
    else if (packet.has(LAYER.ICMPV6)) adjust(packet.bytes, packet.icmpv6.offset + 2, grown, false);
  }
}

/** A checksum after what it covers has grown. In UDP, 0 says that there is none, and is never the result. */
function adjust(bytes: Uint8Array, at: number, grown: number, udp: boolean): void {
  const before = read16(bytes, at);
  if (grown === 0 || (udp && before === 0)) return;
  const after = ~foldSum((~before & 0xffff) + grown) & 0xffff;
  write16(bytes, at, udp && after === 0 ? 0xffff : after);
}
