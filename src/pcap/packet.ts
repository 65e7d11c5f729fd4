/**
 * A packet of a capture. A reader has one object of this class and fills it anew for each packet: what is to be kept
 * has to be copied before the next one is asked for.
 */
export class CapturedPacket {
  /** Memory that holds the packet's bytes, from `offset` on. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the packet starts in `bytes`. */
  offset = 0;
  /** Bytes of the packet that the capture holds. */
  capturedLength = 0;
  /** Bytes that the packet had on the wire. */
  originalLength = 0;
  /** Time of capture: whole seconds since 1970. 0 where the capture has no times. */
  seconds = 0;
  /** Time of capture: nanoseconds within the second, 0 to 999,999,999. */
  nanoseconds = 0;
  /** Index of the interface in the reader's `interfaces`; 0 in classic captures. */
  interfaceId = 0;

  /** The bytes as a view, valid until the next packet is read. Each use makes a new view object. */
  get data(): Uint8Array {
    return this.bytes.subarray(this.offset, this.offset + this.capturedLength);
  }
}
