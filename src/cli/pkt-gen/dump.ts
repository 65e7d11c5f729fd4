import type { FrameHook } from '../../apps';
import { NS } from '../../constants';
import type { Ring } from '../../ring';

/** Calls `each` for all slots of the frame that begins in `slot`; how many there are. */
export function eachSlot(ring: Ring, slot: number, each: (ring: Ring, slot: number) => void): number {
  let slots = 1;
  for (; ; slot = ring.next(slot), slots++) {
    each(ring, slot);
    if ((ring.flags(slot) & NS.MOREFRAG) === 0 || slots === ring.numSlots) return slots;
  }
}

/** Writes each slot of a packet to standard output, as bytes in hexadecimal form and as text. */
export const dump: FrameHook = (_u8, _offset, _length, ring, slot) => void eachSlot(ring, slot, dumpSlot);

/** The same for one slot. */
export function dumpSlot(ring: Ring, slot: number): void {
  const id = `0x${ring.byteOffset.toString(16)}`;
  const length = ring.payloadLength(slot);
  const bytes = ring.port.u8.subarray(ring.offset(slot), ring.offset(slot) + length);
  const head = `cur ${String(slot).padStart(5)} [buf ${String(ring.bufferIndex(slot)).padStart(6)}`;
  const flags = ring.flags(slot).toString(16).padStart(4, '0');
  const lines = [`ring ${id} ${head} flags 0x${flags} len ${String(length).padStart(5)}]`];
  for (let at = 0; at < length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => `${byte.toString(16).padStart(2, '0')} `).join('');
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${String(at).padStart(5)}: ${hex.padEnd(48)}${text}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}
