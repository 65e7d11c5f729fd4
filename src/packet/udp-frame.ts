import { internetChecksum, sumBytes } from './checksum';
import { checkBytes, checkInteger, outOfRange } from '../check';
import { parseIpv4 } from './ipv4';
import {
  ETHERNET_TYPE,
  FRAME_IPV4,
  FRAME_UDP,
  FRAME_UDP_PAYLOAD,
  IPV4_HEADER,
  MIN_FRAME,
  PROTOCOL_UDP,
  TYPE_IPV4,
  UDP_HEADER,
} from './layout';
import { BROADCAST_MAC, parseMac } from './mac';

/** The longest IPv4 packet in an Ethernet frame. */
const MAX_FRAME = FRAME_IPV4 + 0xffff;

/** The flag that forbids routers to cut a packet up; without fragments the identification may stay 0 (RFC 6864). */
const DONT_FRAGMENT = 0x4000;

/** What {@link udpFrame} takes; everything has a default. */
export interface UdpFrameOptions {
  /** Source MAC address, by default `02:00:00:00:00:01` (locally administered). */
  srcMac?: string;
  /** Destination MAC address, broadcast by default. */
  dstMac?: string;
  /** Source IPv4 address, 10.0.0.1 by default. */
  srcIp?: string;
  /** Destination IPv4 address, 10.1.0.1 by default. */
  dstIp?: string;
  /** Source port, 1234 by default. */
  srcPort?: number;
  /** Destination port, 1234 by default. */
  dstPort?: number;
  /**
   * Bytes of the whole frame without its CRC, 42 to 65549. The UDP payload reaches to the end of the frame then, with
   * zeros behind `payload`. Left out, the frame is as long as `payload` makes it, and padded to 60 where it is shorter;
   * without a payload it is a frame of 60 bytes with 18 bytes of payload.
   */
  length?: number;
  /** Time to live, 64 by default. */
  ttl?: number;
  /** Bytes, or text to be written in UTF-8. */
  payload?: Uint8Array | string;
}

/**
 * Builds a UDP packet in IPv4 in an untagged Ethernet frame, with valid checksums. The defaults are those of pkt-gen
 * (addresses, ports, broadcast, length).
 *
 * @returns The frame without CRC, in memory of its own: a template to be copied into ring buffers
 * @throws TypeError, RangeError for options that make no frame
 */
export function udpFrame(options: UdpFrameOptions = {}): Uint8Array {
  const { srcPort = 1234, dstPort = 1234, ttl = 64 } = options;
  const payload = payloadBytes(options.payload);
  const length = frameLength(options.length, options.payload === undefined ? undefined : payload.length);
  checkInteger('srcPort', srcPort, 0, 0xffff);
  checkInteger('dstPort', dstPort, 0, 0xffff);
  checkInteger('ttl', ttl, 0, 255);
  const fills = options.length !== undefined || options.payload === undefined;
  const udpLength = UDP_HEADER + (fills ? length - FRAME_UDP_PAYLOAD : payload.length);

  const frame = new Uint8Array(length);
  const view = new DataView(frame.buffer);
  frame.set(parseMac(options.dstMac ?? BROADCAST_MAC), 0);
  frame.set(parseMac(options.srcMac ?? '02:00:00:00:00:01'), 6);
  view.setUint16(ETHERNET_TYPE, TYPE_IPV4);

  view.setUint8(FRAME_IPV4, 0x45); // version 4, five words of header
  view.setUint16(FRAME_IPV4 + 2, IPV4_HEADER + udpLength);
  view.setUint16(FRAME_IPV4 + 6, DONT_FRAGMENT);
  view.setUint8(FRAME_IPV4 + 8, ttl);
  view.setUint8(FRAME_IPV4 + 9, PROTOCOL_UDP);
  view.setUint32(FRAME_IPV4 + 12, parseIpv4(options.srcIp ?? '10.0.0.1'));
  view.setUint32(FRAME_IPV4 + 16, parseIpv4(options.dstIp ?? '10.1.0.1'));
  view.setUint16(FRAME_IPV4 + 10, internetChecksum(frame, FRAME_IPV4, IPV4_HEADER));

  view.setUint16(FRAME_UDP, srcPort);
  view.setUint16(FRAME_UDP + 2, dstPort);
  view.setUint16(FRAME_UDP + 4, udpLength);
  frame.set(payload, FRAME_UDP_PAYLOAD);
  view.setUint16(FRAME_UDP + 6, udpChecksum(frame));
  return frame;
}

/**
 * UDP checksum of a frame as {@link udpFrame} builds it, as it is to be stored: 0 is sent as 0xffff, because 0 says
 * that there is no checksum (RFC 768). What the checksum field holds at present doesn't matter.
 */
export function udpChecksum(frame: Uint8Array): number {
  const udpLength = (frame[FRAME_UDP + 4] << 8) | frame[FRAME_UDP + 5];
  const present = (frame[FRAME_UDP + 6] << 8) | frame[FRAME_UDP + 7];
  // Both addresses, which the pseudo header repeats, lie directly before the UDP header: one sum takes both in.
  const addressesAndUdp = sumBytes(frame, FRAME_UDP - 8, 8 + udpLength);
  const withoutPresent = addressesAndUdp + (~present & 0xffff);
  return internetChecksum(frame, 0, 0, withoutPresent + PROTOCOL_UDP + udpLength) || 0xffff;
}

function payloadBytes(payload: Uint8Array | string | undefined): Uint8Array {
  if (payload === undefined) return new Uint8Array(0);
  if (typeof payload === 'string') return Buffer.from(payload, 'utf8');
  return checkBytes('payload', payload);
}

function frameLength(length: number | undefined, payload: number | undefined): number {
  const needed = FRAME_UDP_PAYLOAD + (payload ?? 0);
  if (needed > MAX_FRAME) {
    throw outOfRange('payload', `at most ${MAX_FRAME - FRAME_UDP_PAYLOAD} bytes`, payload);
  }
  if (length === undefined) return Math.max(MIN_FRAME, needed);
  checkInteger('length', length, FRAME_UDP_PAYLOAD, MAX_FRAME);
  if (length < needed) throw outOfRange('length', `at least ${needed} for this payload`, length);
  return length;
}
