export { arp, gre, icmp, ip, tcp, udp, vxlan } from './build';
export type {
  ArpOptions,
  FrameOptions,
  GreOptions,
  IcmpOptions,
  IpOptions,
  IpPayloadOptions,
  TcpOptions,
  UdpOptions,
  VlanTag,
  VxlanOptions,
} from './build';
export { foldSum, internetChecksum, sumBytes, sumView, updateChecksum, updateChecksum32 } from './checksum';
export { FrameReader, isCorrupt, verifyFrame, type FrameCheck } from './frame-reader';
export { formatIpv4, parseIpv4 } from './ipv4';
export { formatIpv6, parseIpv6 } from './ipv6';
export * from './layers';
export { BROADCAST_MAC, formatMac, parseMac } from './mac';
export { SequenceTracker, type SequenceCounts } from './sequence';
export { SequenceChecker, type SequenceCheckerOptions, type SequenceTotals } from './sequence-checker';
export { SequenceStamp } from './sequence-stamp';
export { udpFrame, type UdpFrameOptions } from './udp-frame';
export * from './view';
