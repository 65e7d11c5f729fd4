/** Frames on an rx ring, some of which may span several slots. */

import { NS } from '../constants';
import type { Ring } from '../ring';
import { FLAGS_SHIFT, LENGTH_SHIFT } from './byte-order';

const SLOT_WORDS = 4;
const MORE = NS.MOREFRAG << FLAGS_SHIFT;

/** What lies in some slots. Made once and filled anew: nothing is allocated per batch. */
export class Tally {
  frames = 0;
  bytes = 0;
  slots = 0;
}

/** Slots and bytes of the whole frames at the front of a ring, `most` frames at most. */
export function tally(ring: Ring, most: number, into: Tally): Tally {
  const available = ring.available;
  const slots = available > most ? most : available;
  const { u32 } = ring.port;
  const first = ring.slotBase + SLOT_WORDS * ring.head + 1;
  const toEnd = ring.numSlots - ring.head;
  const sum =
    slots <= toEnd
      ? tallyRun(u32, first, slots)
      : tallyRun(u32, first, toEnd) + tallyRun(u32, ring.slotBase + 1, slots - toEnd);
  if (sum >= SEVERAL) return tallyFrames(ring, most, into);
  into.frames = into.slots = slots;
  into.bytes = sum;
  return into;
}

/** Added to the bytes when some frame goes on in another slot; more than the bytes of all slots of a ring. */
const SEVERAL = 2 ** 40;

/** The cheap case, which is nearly always the case: a frame in each slot. */
function tallyRun(u32: Uint32Array, first: number, slots: number): number {
  const end = first + SLOT_WORDS * slots;
  let bytes = 0;
  let flags = 0;
  for (let at = first; at < end; at += SLOT_WORDS) {
    const word = u32[at];
    bytes += (word >>> LENGTH_SHIFT) & 0xffff;
    flags |= word;
  }
  return (flags & MORE) === 0 ? bytes : bytes + SEVERAL;
}

function tallyFrames(ring: Ring, most: number, into: Tally): Tally {
  into.frames = into.bytes = into.slots = 0;
  const available = ring.available;
  for (let slot = ring.head; into.slots < available && into.frames < most;) {
    const slots = wholeFrame(ring, slot, available - into.slots);
    if (slots === 0) break;
    for (let k = 0; k < slots; k++, slot = ring.next(slot)) into.bytes += ring.length(slot);
    into.slots += slots;
    into.frames++;
  }
  return into;
}

/**
 * Slots of the frame that begins in slot `first`, of which `available` can be read; 0 when the rest of it has still to come.
 * A chain that fills the ring and has no end would never be whole: all of it counts as one frame.
 */
export function wholeFrame(ring: Ring, first: number, available: number): number {
  for (let n = 1, slot = first; n <= available; n++, slot = ring.next(slot)) {
    if ((ring.flags(slot) & NS.MOREFRAG) === 0) return n;
  }
  if (available === ring.numSlots - 1) return available;
  // Waiting would end at once if it were for what is here already.
  ring.setCur(ring.tail);
  return 0;
}
