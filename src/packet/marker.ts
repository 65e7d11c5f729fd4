import { FRAME_UDP_PAYLOAD } from './layout';

/**
 * How the generator numbers its packets so that a sink can tell what is missing. In the UDP payload of an untagged
 * Ethernet frame with an IPv4 header of 20 bytes:
 *
 * | frame offset | bytes | field                                             |
 * |-------------:|------:|---------------------------------------------------|
 * |           42 |     2 | magic: 0x6e6d, or 0x6e73 when a stream id follows |
 * |           44 |     4 | sequence number, counts up by one, wraps at 2^32  |
 * |           48 |     4 | stream id (only with magic 0x6e73)                |
 *
 * All in network order. The magic is two bytes so that the number lies on a four-byte boundary of a netmap buffer. The
 * shortest frame that carries a number has 48 bytes, the shortest with a stream id 52.
 */

/** Magic of a payload that carries a sequence number only: "nm". */
export const MAGIC_SEQUENCE = 0x6e6d;
/** Magic of a payload that carries a sequence number and a stream id: "ns". */
export const MAGIC_STREAM = 0x6e73;

/** Frame offset of the magic. */
export const MAGIC_OFFSET = FRAME_UDP_PAYLOAD;
/** Frame offset of the sequence number. */
export const SEQUENCE_OFFSET = 44;
/** Frame offset of the stream id. */
export const STREAM_OFFSET = 48;

/** Length of the shortest frame with a sequence number. */
export const MIN_SEQUENCE_FRAME = 48;
/** Length of the shortest frame with a sequence number and a stream id. */
export const MIN_STREAM_FRAME = 52;

/** The marks as native/traffic/marker.h reads them: at the start of the payload of UDP, TCP or ICMP, whatever is before it. */
export const MARKER = {
  /** Magic with a number only, with a stream id as well, and with the time of the sender's clock too. */
  NUMBER: MAGIC_SEQUENCE,
  STREAM: MAGIC_STREAM,
  TIME: 0x6e74,
  /** Bytes of payload that each of them takes. */
  NUMBER_BYTES: 6,
  STREAM_BYTES: 10,
  TIME_BYTES: 18,
} as const;
