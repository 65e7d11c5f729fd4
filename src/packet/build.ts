/**
 * Frames with sane defaults, one function for each kind: addresses of pkt-gen, valid checksums, 60 bytes at least.
 *
 * ```ts
 * udp({ dstPort: 9, payload: 18 })
 * tcp({ srcIp: 'fd00::1', dstIp: 'fd00::2', vlan: 5, dstPort: 443, flags: 'S' })
 * vxlan({ vni: 7, inner: udp({ payload: 'hello' }) })
 * ```
 *
 * For anything else there is {@link buildPacket}, which takes layer by layer.
 */
import { isIPv6 } from 'node:net';
import { checkBoolean, checkBytes, checkInteger, checkObject, outOfRange, wrongType, wrongValue } from '../check';
import { buildPacket } from './layers/build';
import type { LayerInput, TcpOption } from './layers/types';
import { MIN_FRAME } from './layout';

/** What every frame has. */
export interface FrameOptions {
  /** Source MAC address, `02:00:00:00:00:01` by default. */
  srcMac?: string;
  /** Destination MAC address, broadcast by default. */
  dstMac?: string;
  /** VLAN id or tag, or several from the outermost one on; none by default. */
  vlan?: number | VlanTag | readonly (number | VlanTag)[];
  /**
   * Bytes of the whole frame without CRC. Without a payload, the payload reaches to the end of the frame; otherwise zeros are
   * put behind the packet. Left out, the frame is as long as it has to be, and 60 at least.
   */
  length?: number;
}

export interface VlanTag {
  /** 0 to 4095. */
  id: number;
  /** 0 to 7, 0 by default. */
  priority?: number;
  dropEligible?: boolean;
}

/** What every IP packet has. IPv6 is made where an address is one of IPv6, or `version` is 6. */
export interface IpOptions extends FrameOptions {
  /** 4 by default. */
  version?: 4 | 6;
  /** Source address, 10.0.0.1 or fd00::1 by default. */
  srcIp?: string;
  /** Destination address, 10.1.0.1 or fd00::2 by default. */
  dstIp?: string;
  /** Time to live, or hop limit; 64 by default. */
  ttl?: number;
  /** Differentiated services code point, 0 to 63, 0 by default. */
  dscp?: number;
  /** Explicit congestion notification, 0 to 3, 0 by default. */
  ecn?: number;
  /** IPv4 identification, 0 by default. */
  identification?: number;
  /** IPv6 flow label, 0 by default. */
  flowLabel?: number;
  /** Bytes, text to be written in UTF-8, or a number of zeros. */
  payload?: Uint8Array | string | number;
}

export interface UdpOptions extends IpOptions {
  /** 1234 by default. */
  srcPort?: number;
  /** 1234 by default. */
  dstPort?: number;
}

export interface TcpOptions extends IpOptions {
  /** 1234 by default. */
  srcPort?: number;
  /** 80 by default. */
  dstPort?: number;
  sequence?: number;
  acknowledgment?: number;
  /** Letters, `S` by default: see `TcpLayer`. */
  flags?: string;
  window?: number;
  urgent?: number;
  options?: TcpOption[];
}

export interface IcmpOptions extends IpOptions {
  /** An echo request by default. */
  type?: number;
  code?: number;
  identifier?: number;
  sequence?: number;
}

export interface ArpOptions extends FrameOptions {
  /** 1 (the default) asks, 2 answers. */
  operation?: number;
  /** The source MAC address by default. */
  senderMac?: string;
  senderIp?: string;
  targetMac?: string;
  targetIp?: string;
}

export interface IpPayloadOptions extends IpOptions {
  /** Protocol number, 253 (for experiments) by default. */
  protocol?: number;
}

export interface VxlanOptions extends UdpOptions {
  /** Network identifier, 1 by default. */
  vni?: number;
  /** The frame inside. */
  inner: Uint8Array;
}

export interface GreOptions extends IpOptions {
  key?: number;
  sequence?: number;
  /** Whether there is a checksum, false by default. */
  checksum?: boolean;
  /** The frame inside. */
  inner: Uint8Array;
}

const FRAME = ['srcMac', 'dstMac', 'vlan', 'length'] as const;
const IP = [
  ...FRAME,
  ...(['version', 'srcIp', 'dstIp', 'ttl', 'dscp', 'ecn', 'identification', 'flowLabel', 'payload'] as const),
] as const;

/** Longest payload of an Ethernet frame: an IPv6 packet of the greatest length. */
const MAX_LENGTH = 14 + 8 + 40 + 0xffff;

/** A frame with a UDP packet. Without payload and length: one of 60 bytes (or as much as the headers need). */
export function udp(options: UdpOptions = {}): Uint8Array {
  checkObject('options', options, [...IP, 'srcPort', 'dstPort']);
  const { srcPort, dstPort } = options;
  return ipFrame(options, [{ layer: 'udp', srcPort, dstPort }]);
}

/** A frame with a TCP packet: a SYN unless told otherwise. */
export function tcp(options: TcpOptions = {}): Uint8Array {
  const own = ['srcPort', 'dstPort', 'sequence', 'acknowledgment', 'flags', 'window', 'urgent', 'options'] as const;
  checkObject('options', options, [...IP, ...own]);
  const { srcPort, dstPort, sequence, acknowledgment, flags, window, urgent, options: list } = options;
  const header = { srcPort, dstPort, sequence, acknowledgment, flags, window, urgent, options: list };
  return ipFrame({ payload: 0, ...options }, [{ layer: 'tcp', ...header }]);
}

/** A frame with an ICMP packet, or one of ICMPv6 where the addresses are of IPv6: an echo request unless told otherwise. */
export function icmp(options: IcmpOptions = {}): Uint8Array {
  checkObject('options', options, [...IP, 'type', 'code', 'identifier', 'sequence']);
  const { type, code, identifier, sequence } = options;
  return ipFrame(options, [{ layer: isV6(options) ? 'icmpv6' : 'icmp', type, code, identifier, sequence }]);
}

/** A frame with an IP packet of any protocol. */
export function ip(options: IpPayloadOptions = {}): Uint8Array {
  checkObject('options', options, [...IP, 'protocol']);
  return ipFrame(options, []);
}

/** A frame with an ARP packet: a question unless told otherwise. */
export function arp(options: ArpOptions = {}): Uint8Array {
  checkObject('options', options, [...FRAME, 'operation', 'senderMac', 'senderIp', 'targetMac', 'targetIp']);
  const { operation, senderMac = options.srcMac, senderIp, targetMac, targetIp } = options;
  return finish(
    [...link(options), { layer: 'arp', operation, senderMac, senderIp, targetMac, targetIp }],
    options.length,
  );
}

/** A frame within VXLAN, within UDP to port 4789. */
export function vxlan(options: VxlanOptions): Uint8Array {
  checkObject('options', options, [...IP, 'srcPort', 'dstPort', 'vni', 'inner']);
  const { srcPort, dstPort = 4789, vni, inner } = options;
  const payload = checkBytes('inner', inner);
  return ipFrame({ ...options, payload }, [
    { layer: 'udp', srcPort, dstPort },
    { layer: 'vxlan', vni },
  ]);
}

/** A frame within GRE. */
export function gre(options: GreOptions): Uint8Array {
  checkObject('options', options, [...IP, 'key', 'sequence', 'checksum', 'inner']);
  const { key, sequence, checksum, inner } = options;
  const payload = checkBytes('inner', inner);
  if (checksum !== undefined) checkBoolean('checksum', checksum);
  const protocol = 0x6558;
  return ipFrame({ ...options, payload }, [
    { layer: 'gre', protocol, key, sequence, checksum: checksum ? true : undefined },
  ]);
}

function link({ srcMac, dstMac, vlan }: FrameOptions): LayerInput[] {
  const tags = vlan === undefined ? [] : Array.isArray(vlan) ? (vlan as readonly (number | VlanTag)[]) : [vlan];
  return [{ layer: 'ethernet', src: srcMac, dst: dstMac }, ...tags.map(tagLayer)];
}

function tagLayer(tag: unknown): LayerInput {
  if (typeof tag === 'number') return { layer: 'vlan', id: tag };
  if (typeof tag !== 'object' || tag === null) throw wrongType('vlan', 'a number, a tag, or an array of them', tag);
  const { id, priority, dropEligible } = checkObject('vlan', tag, [
    'id',
    'priority',
    'dropEligible',
  ]) as Partial<VlanTag>;
  if (id === undefined) throw wrongValue('vlan', 'must have an id', tag);
  return { layer: 'vlan', id, priority, dropEligible };
}

function isV6({ version, srcIp, dstIp }: IpOptions): boolean {
  const v6 = [srcIp, dstIp].some((address) => address !== undefined && isIPv6(address));
  if (v6 && version === 4) throw wrongValue('version', 'does not go with IPv6 addresses', version);
  if (version !== undefined && version !== 4 && version !== 6) throw wrongValue('version', 'must be 4 or 6', version);
  return v6 || version === 6;
}

function network(options: IpOptions & { protocol?: number }): LayerInput {
  const { srcIp: src, dstIp: dst, ttl, dscp = 0, ecn = 0, identification, flowLabel, protocol } = options;
  if (flowLabel !== undefined) checkInteger('flowLabel', flowLabel, 0, 0xfffff);
  if (!isV6(options)) return { layer: 'ipv4', src, dst, ttl, dscp, ecn, identification, protocol };
  const trafficClass = (checkInteger('dscp', dscp, 0, 63) << 2) | checkInteger('ecn', ecn, 0, 3);
  return { layer: 'ipv6', src, dst, hopLimit: ttl, trafficClass, flowLabel, nextHeader: protocol };
}

function ipFrame(options: IpOptions, transport: LayerInput[]): Uint8Array {
  const { payload, length } = options;
  const layers = [...link(options), network(options), ...transport];
  if (payload !== undefined) return finish([...layers, { layer: 'payload', data: payloadBytes(payload) }], length);
  // The payload takes what the frame leaves.
  const bare = buildPacket(layers).length;
  if (length !== undefined) checkInteger('length', length, bare, MAX_LENGTH);
  return buildPacket([
    ...layers,
    { layer: 'payload', data: new Uint8Array(Math.max(0, (length ?? MIN_FRAME) - bare)) },
  ]);
}

/** Pads to the length that is asked for. */
function finish(layers: LayerInput[], length: number | undefined): Uint8Array {
  const packet = buildPacket(layers);
  if (length !== undefined) {
    checkInteger('length', length, 14, MAX_LENGTH);
    if (length < packet.length) throw outOfRange('length', `at least ${packet.length} for this packet`, length);
  }
  const frame = new Uint8Array(length ?? Math.max(packet.length, MIN_FRAME));
  frame.set(packet);
  return frame;
}

function payloadBytes(payload: Uint8Array | string | number): Uint8Array {
  if (typeof payload === 'string') return Buffer.from(payload, 'utf8');
  if (typeof payload === 'number') return new Uint8Array(checkInteger('payload', payload, 0, 0xffff));
  return checkBytes('payload', payload);
}
