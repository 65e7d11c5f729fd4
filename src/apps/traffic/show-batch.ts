import { NS } from '../../constants';
import type { Ring } from '../../ring';
import type { BatchHook, FrameHook } from '../frame-hook';

/** Shows a batch to hooks: whole frames in `slots` slots from slot `first` on. */
export function showBatch(
  ring: Ring,
  first: number,
  slots: number,
  frames: number,
  hook: FrameHook | undefined,
  batchHook: BatchHook | undefined,
): void {
  if (hook !== undefined) {
    const { u8 } = ring.port;
    for (let n = 0, slot = first, inFrame = false; n < slots; n++, slot = ring.next(slot)) {
      if (!inFrame) hook(u8, ring.offset(slot), ring.payloadLength(slot), ring, slot);
      inFrame = (ring.flags(slot) & NS.MOREFRAG) !== 0;
    }
  }
  if (batchHook !== undefined) batchHook(ring, first, slots, frames);
}
