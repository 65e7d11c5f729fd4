/** Frames on an rx ring, some of which may span several slots. */

import { NS } from '../constants';
import type { Ring } from '../ring';

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
