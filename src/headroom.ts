/** The room before payloads in their buffers, where a port has offsets. */

import { checkInteger, outOfRange, wrongValue } from './check';
import type { Ring } from './ring';

const SLOT_WORDS = 4;

export function setHeadroom(ring: Ring, i: number, bytes: number): void {
  ring.headroom(i); // checks the slot
  checkInteger('bytes', bytes, 0, 0xffffffff);
  if (ring.maxHeadroom === 0) {
    if (bytes === 0) return;
    throw wrongValue('bytes', `must be 0: '${ring.port.name}' was opened without the option offset`, bytes);
  }
  if (bytes > ring.maxHeadroom) {
    throw outOfRange('bytes', `at most ${ring.maxHeadroom} (the largest offset of '${ring.port.name}')`, bytes);
  }
  const { u32 } = ring.port;
  const word = ring.slotBase + SLOT_WORDS * i + 2;
  u32[word] = (u32[word] & ~ring.maskLow) | bytes;
  u32[word + 1] &= ~ring.maskHigh;
}

export function pushHeader(ring: Ring, i: number, bytes: number): number {
  const headroom = ring.headroom(i);
  checkInteger('bytes', bytes, 0, 0xffffffff);
  if (bytes > headroom) throw outOfRange('bytes', `at most ${headroom} (the headroom of slot ${i})`, bytes);
  const length = ring.length(i);
  setHeadroom(ring, i, headroom - bytes);
  ring.setLength(i, length + bytes);
  return ring.offset(i);
}

export function popHeader(ring: Ring, i: number, bytes: number): number {
  const headroom = ring.headroom(i);
  checkInteger('bytes', bytes, 0, 0xffffffff);
  const length = ring.length(i);
  if (bytes > length) throw outOfRange('bytes', `at most ${length} (the length of slot ${i})`, bytes);
  if (headroom + bytes > ring.maxHeadroom) {
    const most = ring.maxHeadroom - headroom;
    const why = `the payload begins at ${headroom} and may at ${ring.maxHeadroom}: open with a larger offset.max`;
    throw outOfRange('bytes', `at most ${most} (${why})`, bytes);
  }
  setHeadroom(ring, i, headroom + bytes);
  ring.setLength(i, length - bytes);
  return ring.offset(i);
}
