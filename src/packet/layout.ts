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
