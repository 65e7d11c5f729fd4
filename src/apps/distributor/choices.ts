import { NS } from '../../constants';
import type { Ring } from '../../ring';
import type { FrameHook } from '../frame-hook';

/** For a frame that nobody gets. */
const NOBODY = 0xffffffff;

/** What a hook said about the slots at the front of a ring: who gets the frame. Each frame is shown to it once, however long it has to wait. */
export class Choices {
  /** A number for each slot from the head of the ring on. */
  readonly numbers: Uint32Array;
  private readonly ring: Ring;
  private readonly hook: FrameHook;
  private known = 0;

  constructor(ring: Ring, hook: FrameHook) {
    this.ring = ring;
    this.hook = hook;
    this.numbers = new Uint32Array(ring.numSlots);
  }

  /** Asks about what is new among the first `count` slots. */
  ask(count: number): void {
    const { ring, hook, numbers } = this;
    const { u8 } = ring.port;
    let slot = (ring.head + this.known) % ring.numSlots;
    for (let k = this.known; k < count; k++, slot = ring.next(slot)) {
      const before = slot === 0 ? ring.numSlots - 1 : slot - 1;
      if (k > 0 && (ring.flags(before) & NS.MOREFRAG) !== 0) continue; // the first slot counts
      const answer = hook(u8, ring.offset(slot), ring.payloadLength(slot), ring, slot);
      numbers[k] = typeof answer === 'number' && answer >= 0 && answer < NOBODY ? answer : NOBODY;
    }
    this.known = Math.max(this.known, count);
  }

  /** The first `count` slots have gone. */
  forget(count: number): void {
    this.known -= count;
    if (this.known > 0) this.numbers.copyWithin(0, count, count + this.known);
  }
}
