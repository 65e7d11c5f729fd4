import { netmap, type Ring } from '../library';

/** Where the frames carry their number: the first word of the UDP payload that is a multiple of 4. */
export const SEQUENCE_WORD = 11;

/** Puts a UDP frame into every buffer of a tx ring, so that only length and number are left to write per packet. */
export function prefill(ring: Ring, length: number, srcMac: string): void {
  const frame = netmap.udpFrame({ length, srcMac });
  for (let i = 0; i < ring.numSlots; i++) ring.port.u8.set(frame, ring.offset(i));
}
