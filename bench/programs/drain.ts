import type { Ring } from '../library';
import { SEQUENCE_WORD } from './template';

/** What was read, so that reading cannot be left out. */
export const seen = { numbers: 0, bytes: 0 };

/** Reads length and number of all packets in a ring and gives the slots back: how many. */
export function drain(ring: Ring): number {
  const { u32 } = ring.port;
  const n = ring.available;
  let i = ring.head;
  let numbers = 0;
  let bytes = 0;
  for (let k = 0; k < n; k++) {
    bytes += ring.length(i);
    numbers ^= u32[(ring.offset(i) >> 2) + SEQUENCE_WORD];
    i = ring.next(i);
  }
  ring.advance(n);
  seen.bytes += bytes;
  seen.numbers ^= numbers;
  return n;
}
