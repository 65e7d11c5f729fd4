import {
  FIRST_TYPE,
  PROTOCOL_GRE,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_IPV4,
  PROTOCOL_IPV6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  TYPE_ARP,
  TYPE_ETHERNET,
  TYPE_IPV4,
  TYPE_IPV6,
  TYPE_SERVICE_VLAN,
  TYPE_VLAN,
} from '../layout';
import type { LayerInput } from './types';

/** Reserved by IEEE 802 for experiments: what a frame is marked with whose payload has no type. */
const TYPE_EXPERIMENTAL = 0x88b5;
/** Reserved for experiments (RFC 3692). */
const PROTOCOL_EXPERIMENTAL = 253;

/** The EtherType that announces a layer. */
export function etherTypeOf(next: LayerInput | undefined, afterNext?: LayerInput): number {
  switch (next?.layer) {
    case 'vlan':
      return afterNext?.layer === 'vlan' ? TYPE_SERVICE_VLAN : TYPE_VLAN;
    case 'arp':
      return TYPE_ARP;
    case 'ipv4':
      return TYPE_IPV4;
    case 'ipv6':
      return TYPE_IPV6;
    case 'ethernet':
      return TYPE_ETHERNET;
    default:
      return TYPE_EXPERIMENTAL;
  }
}

/** The protocol number that announces a layer behind an IP header. */
export function protocolOf(next: LayerInput | undefined): number {
  switch (next?.layer) {
    case 'icmp':
      return PROTOCOL_ICMP;
    case 'icmpv6':
      return PROTOCOL_ICMPV6;
    case 'udp':
      return PROTOCOL_UDP;
    case 'tcp':
      return PROTOCOL_TCP;
    case 'gre':
      return PROTOCOL_GRE;
    case 'ipv4':
      return PROTOCOL_IPV4;
    case 'ipv6':
      return PROTOCOL_IPV6;
    case 'ipv6-extension':
      return next.protocol ?? 0;
    default:
      return PROTOCOL_EXPERIMENTAL;
  }
}

/** Whether the field behind the addresses is a length. */
export function isLength(etherType: number): boolean {
  return etherType < FIRST_TYPE;
}
