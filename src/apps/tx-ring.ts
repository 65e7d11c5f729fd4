/** What senders need to know of a tx ring. */

import { MAX_FRAGS } from '../constants';
import { NetmapError } from '../errors';
import type { Port } from '../port';
import type { Ring } from '../ring';

/**
 * The ring that a sender uses: the first one. One ring keeps packets in order; who wants to use several opens the port once
 * for each (`vale0:a-1`).
 */
export function txRing(port: Port): Ring {
  const ring = port.txRings.find(({ numSlots }) => numSlots > 1);
  if (ring) return ring;
  const hint = port.monitor
    ? 'it is a monitor, which only watches: open a port of its own'
    : 'open it without "/R" and with at least 2 tx slots';
  throw new NetmapError(`port '${port.name}' has no ring to send by; ${hint}`, {
    code: 'EINVAL',
    port: port.name,
    hint,
  });
}

/** Whether frames begin elsewhere than at the start of their buffers (`nr_offset_mask`). */
export function usesOffsets({ port, byteOffset }: Ring): boolean {
  const word = byteOffset / 4 + 14;
  return (port.u32[word] | port.u32[word + 1]) !== 0;
}

/**
 * Whether a frame may span several slots. Switches, pipes and null ports take such frames; of network cards most drivers
 * don't, and none says so.
 */
export function takesFragments(port: Port): boolean {
  return port.device === 'engine' || /^vale|[{}]|^null/.test(port.name);
}

/** Longest frame that a ring takes. */
export function longestFrame(ring: Ring): number {
  const slots = takesFragments(ring.port) ? Math.min(MAX_FRAGS, ring.numSlots - 1) : 1;
  return slots * roomInSlot(ring);
}

/** Slots that a frame takes at most. */
export function slotsFor(ring: Ring, length: number): number {
  return Math.max(1, Math.ceil(length / roomInSlot(ring)));
}

/** Bytes that every slot has room for. */
function roomInSlot(ring: Ring): number {
  if (!usesOffsets(ring)) return ring.bufSize;
  const slot = ring.head;
  return ring.bufSize - (ring.offset(slot) - ring.port.bufferOffset(ring.bufferIndex(slot)));
}
