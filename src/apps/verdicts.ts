import { NS } from '../constants';
import type { Ring } from '../ring';
import { FLAGS_SHIFT, LENGTH_SHIFT } from './byte-order';
import type { FrameHook } from './frame-hook';
import type { Judge } from './judge';
import { usesOffsets } from './tx-ring';

const SLOT_WORDS = 4;
const MORE = NS.MOREFRAG << FLAGS_SHIFT;

/**
 * What a hook said about the slots at the front of a ring: false = drop the frame; anything else = keep it. Each frame is shown to it once, however often there is no room.
 */
export class Verdicts implements Judge {
  readonly bytes: Uint8Array;
  private readonly ring: Ring;
  private readonly hook: FrameHook;
  /** Whether payloads begin where their buffers do. */
  private readonly plain: boolean;
  private judged = 0;
  /** Whether the last slot that was judged continues in the next one. */
  private inFrame = false;

  constructor(ring: Ring, hook: FrameHook) {
    this.ring = ring;
    this.hook = hook;
    this.plain = !usesOffsets(ring);
    this.bytes = new Uint8Array(ring.numSlots);
  }

  judge(count: number): number {
    const { ring } = this;
    const { numSlots } = ring;
    while (this.judged < count) {
      let slot = ring.head + this.judged;
      if (slot >= numSlots) slot -= numSlots;
      const run = Math.min(count - this.judged, numSlots - slot);
      if (this.plain) this.judgeRun(slot, run);
      else this.judgeShifted(slot, run);
      this.judged += run;
    }
    return count;
  }

  forget(count: number): void {
    this.judged -= count;
    if (this.judged > 0) this.bytes.copyWithin(0, count, count + this.judged);
  }

  /** Slots in a row. What the ring's methods do is done here by hand: per packet, each call costs. */
  private judgeRun(first: number, count: number): void {
    const { ring, hook, bytes } = this;
    const { bufSize, port } = ring;
    const { u8, u32 } = port;
    const base = port.bufferOffset(2) - 2 * bufSize;
    let at = ring.slotBase + SLOT_WORDS * first;
    let k = this.judged;
    let inFrame = this.inFrame;
    for (let slot = first; slot < first + count; slot++, at += SLOT_WORDS, k++) {
      const word = u32[at + 1];
      if (inFrame) {
        bytes[k] = bytes[k - 1];
      } else {
        const length = (word >>> LENGTH_SHIFT) & 0xffff;
        const offset = (base + Math.imul(u32[at], bufSize)) | 0;
        bytes[k] = hook(u8, offset, length < bufSize ? length : bufSize, ring, slot) === false ? 0 : 1;
      }
      inFrame = (word & MORE) !== 0;
    }
    this.inFrame = inFrame;
  }

  /** The same where slots have offsets of their own. */
  private judgeShifted(first: number, count: number): void {
    const { ring, hook, bytes } = this;
    let inFrame = this.inFrame;
    for (let slot = first, k = this.judged; slot < first + count; slot++, k++) {
      const length = ring.payloadLength(slot);
      if (inFrame) bytes[k] = bytes[k - 1];
      else bytes[k] = hook(ring.port.u8, ring.offset(slot), length, ring, slot) === false ? 0 : 1;
      inFrame = (ring.flags(slot) & NS.MOREFRAG) !== 0;
    }
    this.inFrame = inFrame;
  }
}
