import type { Ring } from '../library';
import { SEQUENCE_WORD } from './template';

let sequence = 0;

/** Fills up to `max` slots with a length and a number. */
export function fillBatch(ring: Ring, max: number, length: number): number {
  const { u32 } = ring.port;
  const available = ring.available;
  const n = available < max ? available : max;
  let i = ring.head;
  for (let k = 0; k < n; k++) {
    ring.setLength(i, length);
    u32[(ring.offset(i) >> 2) + SEQUENCE_WORD] = sequence++;
    i = ring.next(i);
  }
  ring.advance(n);
  return n;
}
