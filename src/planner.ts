/** Finds out which limit of the kernel's memory a registration ran into. */

import { PoolsInfoBody } from './abi';
import { REQ } from './constants';
import type { NativePort } from './native';
import type { Wanted } from './spec';

const RING_HEADER = 256;
const SLOT = 16;
const DEFAULT_SLOTS = 1024;

/** The limit, and the parameter that raises it; undefined when no limit is in the way as far as one can see. */
export function explainNoMemory(native: NativePort, wanted: Wanted): string | undefined {
  const pools = new PoolsInfoBody(wanted.fields.memId);
  if (native.control(REQ.POOLS_INFO_GET, wanted.name, pools.bytes, []) !== null) return undefined;
  const { fields } = wanted;
  const txSlots = fields.txSlots || DEFAULT_SLOTS;
  const rxSlots = fields.rxSlots || DEFAULT_SLOTS;
  const txRings = fields.txRings + fields.hostTxRings || 1;
  const rxRings = fields.rxRings + fields.hostRxRings || 1;
  const ringSize = RING_HEADER + SLOT * Math.max(txSlots, rxSlots);
  const buffers = txSlots * txRings + rxSlots * rxRings + fields.extraBuffers;
  const prefix = pools.memId === 1 ? '' : 'priv_';
  const where = `memory region ${pools.memId}`;
  const raise = (parameter: string, value: number) =>
    `write at least ${value} to /sys/module/netmap/parameters/${prefix}${parameter}`;
  if (ringSize > pools.rings.size) {
    return `a ring of ${Math.max(txSlots, rxSlots)} slots takes ${ringSize} bytes, ${where} has room for ${pools.rings.size}: ${raise('ring_size', ringSize)}`;
  }
  if (txRings + rxRings > pools.rings.count) {
    return `${txRings + rxRings} rings are needed, ${where} has ${pools.rings.count}: ${raise('ring_num', txRings + rxRings)}`;
  }
  if (buffers > pools.buffers.count) {
    return `${buffers} buffers are needed, ${where} has ${pools.buffers.count}: ${raise('buf_num', buffers)}`;
  }
  return undefined;
}
