/** Frames that span several slots ({@link NS.MOREFRAG}). */

import { checkBytes, outOfRange } from './check';
import { MAX_FRAGS, NS } from './constants';
import type { Ring } from './ring';

export function frameSlots(ring: Ring, i: number): number {
  const available = ring.available;
  if (i >>> 0 !== i || i >= ring.numSlots) throw outOfRange('slot', `an integer from 0 to ${ring.numSlots - 1}`, i);
  const left = available - ring.from(i);
  for (let n = 1; n <= left; n++, i = ring.next(i)) {
    if ((ring.flags(i) & NS.MOREFRAG) === 0) return n;
  }
  return 0;
}

export function readFrame(ring: Ring, i: number, into: Uint8Array): number {
  checkBytes('into', into);
  const slots = frameSlots(ring, i);
  const { u8 } = ring.port;
  let bytes = 0;
  for (let n = 0, slot = i; n < slots; n++, slot = ring.next(slot)) bytes += ring.payloadLength(slot);
  if (bytes > into.length) throw outOfRange('into', `at least ${bytes} bytes long`, into.length);
  let at = 0;
  for (let n = 0, slot = i; n < slots; n++, slot = ring.next(slot)) {
    const start = ring.offset(slot);
    const length = ring.payloadLength(slot);
    into.set(u8.subarray(start, start + length), at);
    at += length;
  }
  return bytes;
}

export function writeFrame(ring: Ring, data: Uint8Array, flags: number): number {
  checkBytes('data', data);
  const available = ring.available;
  const { port, bufSize } = ring;
  if (data.length === 0) throw outOfRange('data', 'at least one byte long', 0);
  const most = Math.min(MAX_FRAGS, ring.numSlots - 1);
  if (data.length > most * bufSize) {
    throw outOfRange('data', `at most ${most * bufSize} bytes long (${most} slots of ${bufSize} bytes)`, data.length);
  }
  if (data.length > available * bufSize) return 0;
  let slot = ring.head;
  let at = 0;
  for (let used = 1; used <= available && used <= most; used++, slot = ring.next(slot)) {
    // Where offsets are on, the payload has less room than its buffer.
    const headroom = ring.headroom(slot);
    const start = port.bufferOffset(ring.bufferIndex(slot)) + headroom;
    const length = Math.min(bufSize - headroom, data.length - at);
    port.u8.set(length === data.length ? data : data.subarray(at, at + length), start);
    at += length;
    ring.setLength(slot, length);
    const kept = ring.flags(slot) & NS.BUF_CHANGED;
    ring.setFlags(slot, kept | (used === 1 ? flags : 0) | (at < data.length ? NS.MOREFRAG : 0));
    if (at === data.length) return used;
  }
  if (available >= most)
    throw outOfRange('data', `at most ${at} bytes long (${most} slots, with their offsets)`, data.length);
  return 0;
}
