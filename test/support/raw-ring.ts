import { inside, type Port, type Ring } from './library';

/** Ring and slot fields as they lie in memory: for what {@link Ring} does not let one do. */

/** `head/cur/tail` as text, so that a failing comparison can be read. */
export function state(ring: Ring): string {
  const { u32 } = ring.port;
  const word = ring.byteOffset / 4;
  return `${u32[word + 5]}/${u32[word + 6]}/${u32[word + 7]}`;
}

/** Writes head, cur and tail unchecked. {@link Ring} knows nothing of it: go on with raw accesses only. */
export function poke(ring: Ring, fields: { head?: number; cur?: number; tail?: number }): void {
  const { u32 } = ring.port;
  const word = ring.byteOffset / 4;
  if (fields.head !== undefined) u32[word + 5] = fields.head;
  if (fields.cur !== undefined) u32[word + 6] = fields.cur;
  if (fields.tail !== undefined) u32[word + 7] = fields.tail;
}

export interface Slot {
  index: number;
  length: number;
  flags: number;
  pointer: bigint;
}

export function slot(ring: Ring, i: number): Slot {
  const { u32, u16 } = ring.port;
  const word = ring.slotBase + 4 * i;
  return { index: u32[word], length: u16[2 * word + 2], flags: u16[2 * word + 3], pointer: ring.pointer(i) };
}

/** Writes slot fields unchecked. */
export function setSlot(ring: Ring, i: number, fields: Partial<Slot>): void {
  const { u32, u16 } = ring.port;
  const word = ring.slotBase + 4 * i;
  if (fields.index !== undefined) u32[word] = fields.index;
  if (fields.length !== undefined) u16[2 * word + 2] = fields.length;
  if (fields.flags !== undefined) u16[2 * word + 3] = fields.flags;
  if (fields.pointer !== undefined) ring.setPointer(i, fields.pointer);
}

export function flags(ring: Ring, from: number, count: number): number[] {
  return Array.from({ length: count }, (_, k) => slot(ring, (from + k) % ring.numSlots).flags);
}

export function lengths(ring: Ring, from: number, count: number): number[] {
  return Array.from({ length: count }, (_, k) => slot(ring, (from + k) % ring.numSlots).length);
}

/** Fields of `struct netmap_ring` that {@link Ring} keeps to itself. */
export function ringHeader(ring: Ring) {
  const view = new DataView(ring.port.u8.buffer, ring.byteOffset);
  return {
    numSlots: view.getUint32(8, true),
    bufSize: view.getUint32(12, true),
    ringId: view.getUint16(16, true),
    dir: view.getUint16(18, true),
    flags: view.getUint32(32, true),
    seconds: Number(view.getBigInt64(40, true)),
    offsetMask: view.getBigUint64(56, true),
  };
}

/** What poll(2) answers at once. {@link Port.poll} would look for the reason of an error, and so change it. */
export function poll(port: Port, events: number, timeout = 0): number {
  return inside.nativeOf.get(port)!.poll(events, timeout);
}
