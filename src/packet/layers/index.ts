export { buildPacket } from './build';
export { describePacket } from './describe';
export { parsePacket } from './parse';
export { parseTcpOptions } from './tcp-options';
export type {
  ArpLayer,
  EthernetLayer,
  GreLayer,
  IcmpLayer,
  Icmpv6Layer,
  Ipv4Layer,
  Ipv6ExtensionLayer,
  Ipv6Layer,
  Layer,
  LayerInput,
  PayloadLayer,
  TcpLayer,
  TcpOption,
  UdpLayer,
  VlanLayer,
  VxlanLayer,
} from './types';
