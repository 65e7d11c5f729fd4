/**
 * Where the fields of an Ethernet frame lie, and the few protocol numbers that are needed to find them. All offsets
 * are in bytes and count from the start of the header named, all multi-byte fields are in network order.
 */

/** Bytes of an Ethernet header without VLAN tags. */
export const ETHERNET_HEADER = 14;
/** Bytes that one VLAN tag adds, in front of the EtherType. */
export const VLAN_TAG = 4;
/** Bytes of an IPv4 header without options. */
export const IPV4_HEADER = 20;
/** Bytes of a UDP header. */
export const UDP_HEADER = 8;
/** Bytes of the smallest TCP header. */
export const TCP_HEADER = 20;

/** Offset of the EtherType in a frame without VLAN tags. */
export const ETHERNET_TYPE = 12;

/** EtherType of IPv4. */
export const TYPE_IPV4 = 0x0800;
/** EtherType of an 802.1Q tag. */
export const TYPE_VLAN = 0x8100;
/** EtherType of an 802.1ad (QinQ) service tag. */
export const TYPE_SERVICE_VLAN = 0x88a8;

/** IP protocol number of ICMP. */
export const PROTOCOL_ICMP = 1;
/** IP protocol number of TCP. */
export const PROTOCOL_TCP = 6;
/** IP protocol number of UDP. */
export const PROTOCOL_UDP = 17;

/** Offset of the IPv4 header in a frame without VLAN tags. */
export const FRAME_IPV4 = ETHERNET_HEADER;
/** Offset of the UDP header in a frame without VLAN tags and IP options. */
export const FRAME_UDP = FRAME_IPV4 + IPV4_HEADER;
/** Offset of the UDP payload in a frame without VLAN tags and IP options. */
export const FRAME_UDP_PAYLOAD = FRAME_UDP + UDP_HEADER;

/** Length of the shortest Ethernet frame, without its CRC. */
export const MIN_FRAME = 60;

/** Bytes of an IPv6 header without its extension headers. */
export const IPV6_HEADER = 40;
/** Bytes of the header of ICMP and ICMPv6. */
export const ICMP_HEADER = 8;
/** Bytes of an ARP packet for IPv4 on Ethernet. */
export const ARP_IPV4 = 28;
/** Bytes of a VXLAN header. */
export const VXLAN_HEADER = 8;
/** Bytes of a GRE header without checksum, key and sequence number. */
export const GRE_HEADER = 4;

/** EtherType of ARP. */
export const TYPE_ARP = 0x0806;
/** EtherType of IPv6. */
export const TYPE_IPV6 = 0x86dd;
/** EtherType of an Ethernet frame within another packet (transparent Ethernet bridging). */
export const TYPE_ETHERNET = 0x6558;
/** From here on the field behind the addresses is a type; below, the length of an IEEE 802.3 frame. */
export const FIRST_TYPE = 0x0600;

/** Protocol number of IPv4 within another packet. */
export const PROTOCOL_IPV4 = 4;
/** Protocol number of IPv6 within another packet. */
export const PROTOCOL_IPV6 = 41;
/** IP protocol number of GRE. */
export const PROTOCOL_GRE = 47;
/** IP protocol number of ICMPv6. */
export const PROTOCOL_ICMPV6 = 58;

/** UDP port of VXLAN. */
export const PORT_VXLAN = 4789;

/** Protocol numbers of the extension headers of IPv6. */
export const EXTENSION = {
  HOP_BY_HOP: 0,
  ROUTING: 43,
  FRAGMENT: 44,
  AUTHENTICATION: 51,
  DESTINATION: 60,
  MOBILITY: 135,
  HIP: 139,
  SHIM6: 140,
} as const;
