import { foldSum } from './checksum';
import { FrameReader } from './frame-reader';
import { checkInteger, wrongValue, outOfRange } from '../check';
import { FRAME_UDP, UDP_HEADER } from './layout';
import {
  MAGIC_OFFSET,
  MAGIC_SEQUENCE,
  MAGIC_STREAM,
  MIN_SEQUENCE_FRAME,
  MIN_STREAM_FRAME,
  SEQUENCE_OFFSET,
  STREAM_OFFSET,
} from './marker';
import { udpChecksum } from './udp-frame';

const CHECKSUM_OFFSET = FRAME_UDP + 6;

/**
 * Puts sequence numbers into copies of one frame, the UDP checksum kept valid, at the price of two stores and a dozen
 * integer operations per packet.
 *
 * The trick: a checksum is a sum, and all of it but the number itself is the same in every packet. That constant part
 * is taken once here; a packet adds the two halves of its number and folds (RFC 1071). The incremental update of
 * RFC 1624 would do the same from the checksum that the buffer holds, but that has to be read back, and a buffer that
 * travelled may hold anything.
 *
 * ```ts
 * const frame = udpFrame({ length: 60 });
 * const stamp = new SequenceStamp(frame, { stream: 7 });
 * // once per buffer: copy `frame`; then per packet, with `view` a DataView of the ring memory:
 * stamp.write(view, offset, sequence++);
 * ```
 */
export class SequenceStamp {
  /** Sum of all that the UDP checksum covers, with sequence number 0. */
  private readonly base: number;
  /** The magic, stored together with the checksum, which lies directly before it. */
  private readonly magic: number;

  /**
   * @param frame An untagged UDP/IPv4 frame without IP options, as `udpFrame` makes it. Magic, stream id and number 0
   *   are written into it.
   * @param options `stream`: a number from 0 to 2^32 - 1 that tells this generator from others; it needs a frame of 52
   *   bytes and is left out (stream 0) when not given
   * @throws RangeError when the frame is too short
   * @throws TypeError when it is no such frame
   */
  constructor(frame: Uint8Array, options: { stream?: number } = {}) {
    const { stream } = options;
    if (stream !== undefined) checkInteger('stream', stream, 0, 0xffffffff);
    const needed = stream === undefined ? MIN_SEQUENCE_FRAME : MIN_STREAM_FRAME;
    if (frame.length < needed) throw outOfRange('frame', `at least ${needed} bytes`, frame.length);
    const reader = new FrameReader(frame);
    if (!reader.isPlainUdp(0, frame.length)) throw wrongValue('frame', 'must be an untagged UDP/IPv4 frame', frame);
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const udpLength = view.getUint16(FRAME_UDP + 4);
    if (udpLength < needed - FRAME_UDP) {
      const payload = needed - FRAME_UDP - UDP_HEADER;
      throw outOfRange('frame', `a UDP payload of at least ${payload} bytes`, udpLength - UDP_HEADER);
    }
    this.magic = stream === undefined ? MAGIC_SEQUENCE : MAGIC_STREAM;
    view.setUint16(MAGIC_OFFSET, this.magic);
    view.setUint32(SEQUENCE_OFFSET, 0);
    if (stream !== undefined) view.setUint32(STREAM_OFFSET, stream);
    const checksum = udpChecksum(frame);
    view.setUint16(CHECKSUM_OFFSET, checksum);
    this.base = ~checksum & 0xffff;
  }

  /**
   * Writes a number and the checksum that goes with it. Everything else of the frame must be in the buffer already.
   *
   * @param view The memory that holds the buffer
   * @param offset Where the frame starts in it
   * @param sequence Any whole number; its lowest 32 bits count, so both `n = (n + 1) | 0` and plain counting work
   */
  write(view: DataView, offset: number, sequence: number): void {
    const sum = foldSum(this.base + (sequence & 0xffff) + (sequence >>> 16));
    const checksum = sum === 0xffff ? 0xffff : ~sum & 0xffff;
    view.setInt32(offset + CHECKSUM_OFFSET, (checksum << 16) | this.magic);
    view.setInt32(offset + SEQUENCE_OFFSET, sequence | 0);
  }
}
