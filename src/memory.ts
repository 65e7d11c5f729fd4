/** Reads the structures that a device lays out in a mapped region (native/abi/memory.h). */

import { endianness } from 'node:os';

const LE = endianness() === 'LE';

/** Which ring of a port: `host-tx` goes to the host's network stack, `host-rx` comes from it. */
export type RingKind = 'tx' | 'rx' | 'host-tx' | 'host-rx';

export interface RingPlace {
  kind: RingKind;
  /** Index among the rings of its kind. */
  id: number;
  /** Byte offset of the `netmap_ring` in the region. */
  offset: number;
  numSlots: number;
  bufSize: number;
  /** Byte offset of buffer 0 in the region. */
  bufferBase: number;
  /** Bits of `slot.ptr` that hold the payload's offset; 0n = none. */
  offsetMask: bigint;
}

const IF_SIZE = 56;
const RING_SIZE = 256;
const SLOT_SIZE = 16;
/** More rings than any port has: what says so is not an interface. */
const MAX_RINGS = 65536;

/** The region cannot be what the device said it is. */
export class LayoutError extends Error {}

/** Byte offset of `ni_bufs_head`, the list of extra buffers. */
export function extraListOffset(ifOffset: number): number {
  return ifOffset + 32;
}

/** What a `netmap_if` says its port is called: the first 15 characters; empty when there is no interface. */
export function interfaceName(region: ArrayBuffer, ifOffset: number): string {
  if (!(ifOffset >= 0) || ifOffset + IF_SIZE > region.byteLength) return '';
  const bytes = Buffer.from(region, ifOffset, 16);
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? 16 : end);
}

/** The rings that a `netmap_if` shows, every number checked against the region's size. */
export function findRings(region: ArrayBuffer, ifOffset: number): RingPlace[] {
  const size = region.byteLength;
  if (!(ifOffset >= 0) || ifOffset % 8 !== 0 || ifOffset + IF_SIZE > size) {
    throw new LayoutError(`the interface lies at ${ifOffset} of ${size} bytes`);
  }
  const view = new DataView(region);
  // The order of ring_ofs: NIC tx, host tx, NIC rx, host rx. The host entries exist on ports without host rings, too.
  const groups: [RingKind, number][] = [
    ['tx', view.getUint32(ifOffset + 24, LE)],
    ['host-tx', view.getUint32(ifOffset + 36, LE)],
    ['rx', view.getUint32(ifOffset + 28, LE)],
    ['host-rx', view.getUint32(ifOffset + 40, LE)],
  ];
  const places: RingPlace[] = [];
  let entry = ifOffset + IF_SIZE;
  for (const [kind, count] of groups) {
    if (count > MAX_RINGS || entry + 8 * count > size) throw new LayoutError(`${count} ${kind} rings`);
    for (let id = 0; id < count; id++, entry += 8) {
      const distance = Number(view.getBigInt64(entry, LE));
      if (distance !== 0) places.push(readRing(view, ifOffset + distance, kind, id));
    }
  }
  return places;
}

function readRing(view: DataView, offset: number, kind: RingKind, id: number): RingPlace {
  const size = view.byteLength;
  const where = `${kind} ring ${id}`;
  if (!(offset >= 0) || offset % 8 !== 0 || offset + RING_SIZE > size) {
    throw new LayoutError(`${where} lies at ${offset} of ${size} bytes`);
  }
  const numSlots = view.getUint32(offset + 8, LE);
  const bufSize = view.getUint32(offset + 12, LE);
  const bufferBase = offset + Number(view.getBigInt64(offset, LE));
  if (numSlots === 0 || offset + RING_SIZE + SLOT_SIZE * numSlots > size) {
    throw new LayoutError(`${where} has ${numSlots} slots`);
  }
  if (!(bufferBase >= 0) || bufferBase % 4 !== 0 || bufferBase > size || bufSize === 0 || bufSize % 4 !== 0) {
    throw new LayoutError(`${where} has buffers of ${bufSize} bytes at ${bufferBase}`);
  }
  return { kind, id, offset, numSlots, bufSize, bufferBase, offsetMask: view.getBigUint64(offset + 56, LE) };
}
