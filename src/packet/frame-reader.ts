import { foldSum, sumView } from './checksum';
import {
  ETHERNET_HEADER,
  ETHERNET_TYPE,
  FRAME_IPV4,
  FRAME_UDP,
  FRAME_UDP_PAYLOAD,
  IPV4_HEADER,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  TCP_HEADER,
  TYPE_IPV4,
  TYPE_SERVICE_VLAN,
  TYPE_VLAN,
  UDP_HEADER,
  VLAN_TAG,
} from './layout';
import {
  MAGIC_OFFSET,
  MAGIC_SEQUENCE,
  MAGIC_STREAM,
  MIN_SEQUENCE_FRAME,
  MIN_STREAM_FRAME,
  SEQUENCE_OFFSET,
  STREAM_OFFSET,
} from './marker';

/**
 * What {@link FrameReader.verify} finds:
 *
 * - `valid`: the IPv4 header checksum holds, and so does the one of UDP, TCP or ICMP
 * - `header-valid`: the IPv4 header checksum holds and there is nothing more to check: a fragment, a UDP packet that
 *   carries no checksum, another protocol
 * - `not-ipv4`: nothing to check
 * - `truncated`: the frame ends before the packet in it does
 * - `malformed`: header fields that contradict each other
 * - `bad-header`: wrong IPv4 header checksum
 * - `bad-payload`: wrong UDP, TCP or ICMP checksum
 */
export type FrameCheck =
  'valid' | 'header-valid' | 'not-ipv4' | 'truncated' | 'malformed' | 'bad-header' | 'bad-payload';

/** True for the findings that say that a frame was damaged. */
export function isCorrupt(check: FrameCheck): boolean {
  return check === 'bad-payload' || check === 'bad-header' || check === 'malformed' || check === 'truncated';
}

/**
 * Reads frames where they lie, in ring memory. One reader serves a whole memory region; no method allocates.
 *
 * Offsets are those of the frame's first byte in the memory given to the constructor. `verify`, `isPlainUdp`
 * and `isSequenced` check lengths themselves and can be given any frame; the field getters below them don't, and are
 * for frames that passed `isPlainUdp`. No read ever leaves the memory: that is a RangeError.
 *
 * ```ts
 * const frames = new FrameReader(port.u8);
 * if (frames.verify(ring.offset(i), ring.length(i)) === 'valid') good++;
 * ```
 */
export class FrameReader {
  private readonly view: DataView;

  /** @param memory The region, or a single frame. */
  constructor(memory: Uint8Array) {
    this.view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  }

  /**
   * Verifies the checksums of a frame; VLAN tags, any number of them, are stepped over.
   *
   * @param offset Where the frame starts
   * @param length Its length without CRC
   */
  verify(offset: number, length: number): FrameCheck {
    const { view } = this;
    const end = offset + length;
    let at = offset + ETHERNET_HEADER;
    if (at > end) return 'truncated';
    let type = view.getUint16(offset + ETHERNET_TYPE);
    while (type === TYPE_VLAN || type === TYPE_SERVICE_VLAN) {
      if (at + VLAN_TAG > end) return 'truncated';
      type = view.getUint16(at + 2);
      at += VLAN_TAG;
    }
    if (type !== TYPE_IPV4) return 'not-ipv4';
    return this.verifyIpv4(at, end);
  }

  private verifyIpv4(at: number, end: number): FrameCheck {
    const { view } = this;
    if (at + IPV4_HEADER > end) return 'truncated';
    const start = view.getInt32(at);
    const header = (start >>> 22) & 0x3c;
    const total = start & 0xffff;
    if (start >>> 28 !== 4 || header < IPV4_HEADER || total < header) return 'malformed';
    if (at + total > end) return 'truncated';

    const fragment = view.getInt32(at + 4);
    const protocolWord = view.getInt32(at + 8);
    const source = view.getInt32(at + 12);
    const destination = view.getInt32(at + 16);
    const addresses = halves(source) + halves(destination);
    let sum = halves(start) + halves(fragment) + halves(protocolWord) + addresses;
    if (header > IPV4_HEADER) sum += sumView(view, at + IPV4_HEADER, header - IPV4_HEADER);
    if (foldSum(sum) !== 0xffff) return 'bad-header';

    // "More fragments" or an offset: the rest of the packet is elsewhere.
    if ((fragment & 0x3fff) !== 0) return 'header-valid';
    return this.verifyPayload((protocolWord >>> 16) & 0xff, addresses, at + header, total - header);
  }

  private verifyPayload(protocol: number, addresses: number, at: number, length: number): FrameCheck {
    const { view } = this;
    let covered = length;
    let sum = addresses + protocol;
    if (protocol === PROTOCOL_UDP) {
      if (length < UDP_HEADER) return 'malformed';
      const lengthAndChecksum = view.getInt32(at + 4);
      covered = lengthAndChecksum >>> 16;
      if (covered < UDP_HEADER || covered > length) return 'malformed';
      if ((lengthAndChecksum & 0xffff) === 0) return 'header-valid';
    } else if (protocol === PROTOCOL_TCP) {
      if (length < TCP_HEADER) return 'malformed';
    } else if (protocol === PROTOCOL_ICMP) {
      if (length < 4) return 'malformed';
      sum = -covered; // ICMP has no pseudo header
    } else {
      return 'header-valid';
    }
    return foldSum(sum + covered + sumView(view, at, covered)) === 0xffff ? 'valid' : 'bad-payload';
  }

  /** True for an untagged, unfragmented UDP packet in IPv4 without options that fits into the frame. */
  isPlainUdp(offset: number, length: number): boolean {
    const { view } = this;
    if (length < FRAME_UDP_PAYLOAD) return false;
    if (view.getInt32(offset + ETHERNET_TYPE) >>> 8 !== ((TYPE_IPV4 << 8) | 0x45)) return false;
    // Fragment offset, "more fragments" and the protocol, with the time to live between them masked out.
    if ((view.getInt32(offset + FRAME_IPV4 + 6) & 0x3fff00ff) !== PROTOCOL_UDP) return false;
    const total = view.getUint16(offset + FRAME_IPV4 + 2);
    const udp = view.getUint16(offset + FRAME_UDP + 4);
    return udp >= UDP_HEADER && total - IPV4_HEADER >= udp && FRAME_IPV4 + total <= length;
  }

  /**
   * True for a frame of our generator that carries a sequence number: `sequence` and `stream` may be read then.
   */
  isSequenced(offset: number, length: number): boolean {
    const { view } = this;
    if (length < MIN_SEQUENCE_FRAME) return false;
    const magic = view.getUint16(offset + MAGIC_OFFSET);
    if (magic === MAGIC_STREAM ? length < MIN_STREAM_FRAME : magic !== MAGIC_SEQUENCE) return false;
    if (!this.isPlainUdp(offset, length)) return false;
    const needed = magic === MAGIC_STREAM ? MIN_STREAM_FRAME : MIN_SEQUENCE_FRAME;
    return view.getUint16(offset + FRAME_UDP + 4) >= needed - FRAME_UDP;
  }

  /** Sequence number, as a signed 32-bit integer (`>>> 0` makes it positive). */
  sequence(offset: number): number {
    return this.view.getInt32(offset + SEQUENCE_OFFSET);
  }

  /** Stream id, as a signed 32-bit integer; 0 in frames that carry none. */
  stream(offset: number): number {
    const magic = this.view.getUint16(offset + MAGIC_OFFSET);
    return magic === MAGIC_STREAM ? this.view.getInt32(offset + STREAM_OFFSET) : 0;
  }

  /** EtherType of an untagged frame, or the tag's own type (0x8100, 0x88a8). */
  etherType(offset: number): number {
    return this.view.getUint16(offset + ETHERNET_TYPE);
  }

  /** Time to live. */
  ttl(offset: number): number {
    return this.view.getUint8(offset + FRAME_IPV4 + 8);
  }

  /** IP protocol number. */
  protocol(offset: number): number {
    return this.view.getUint8(offset + FRAME_IPV4 + 9);
  }

  /** Source IPv4 address, 0 to 2^32 - 1. */
  srcIp(offset: number): number {
    return this.view.getUint32(offset + FRAME_IPV4 + 12);
  }

  /** Destination IPv4 address, 0 to 2^32 - 1. */
  dstIp(offset: number): number {
    return this.view.getUint32(offset + FRAME_IPV4 + 16);
  }

  /** UDP source port. */
  srcPort(offset: number): number {
    return this.view.getUint16(offset + FRAME_UDP);
  }

  /** UDP destination port. */
  dstPort(offset: number): number {
    return this.view.getUint16(offset + FRAME_UDP + 2);
  }

  /** Bytes of UDP payload. */
  payloadLength(offset: number): number {
    return this.view.getUint16(offset + FRAME_UDP + 4) - UDP_HEADER;
  }
}

/** The two 16-bit words of a 32-bit one, added. */
function halves(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}

/**
 * Verifies the checksums of one frame; for many frames keep a {@link FrameReader}.
 *
 * @param bytes Memory that holds the frame
 * @param offset Where it starts, 0 by default
 * @param length Its length without CRC, by default all behind `offset`
 */
export function verifyFrame(bytes: Uint8Array, offset = 0, length = bytes.length - offset): FrameCheck {
  return new FrameReader(bytes).verify(offset, length);
}
