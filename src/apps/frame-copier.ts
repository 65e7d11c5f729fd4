import type { Ring } from '../ring';
import { usesOffsets } from './tx-ring';

/** Up to this length a loop copies faster than `set`, which needs a view object for each packet. */
const LOOP_LIMIT = 192;

/** Copies frames into a tx ring, one behind the other. */
export class FrameCopier {
  private readonly ring: Ring;
  private readonly direct: boolean;

  constructor(ring: Ring) {
    this.ring = ring;
    this.direct = !usesOffsets(ring);
  }

  /** Copies a frame into the slots at the head of the ring and moves on; false when there is no room for it. */
  copy(bytes: Uint8Array, offset: number, length: number): boolean {
    const { ring } = this;
    if (ring.available === 0) return false;
    if (length > ring.bufSize || !this.direct) {
      const slots = ring.writeFrame(bytes.subarray(offset, offset + length));
      ring.advance(slots);
      return slots > 0;
    }
    const slot = ring.head;
    const to = ring.offset(slot);
    const { u8 } = ring.port;
    if (length <= LOOP_LIMIT) for (let k = 0; k < length; k++) u8[to + k] = bytes[offset + k];
    else u8.set(bytes.subarray(offset, offset + length), to);
    ring.setLength(slot, length);
    ring.setFlags(slot, 0);
    ring.advance(1);
    return true;
  }
}
