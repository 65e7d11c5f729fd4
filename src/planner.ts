/** Finds out which limit of the kernel's memory a registration ran into. */

import { PoolsInfoBody } from './abi';
import { MODE, REQ } from './constants';
import type { NativePort } from './native';
import type { Wanted } from './spec';

const IF_HEADER = 56;
const RING_OFFSET = 8;
const RING_HEADER = 256;
const SLOT = 16;
const DEFAULT_SLOTS = 1024;
/** Buffers 0 and 1 of a region are nobody's. */
const RESERVED_BUFFERS = 2;

/**
 * The limits that are too low, and the module parameters that raise them; where all are high enough for this port alone, what the
 * region holds. undefined when it cannot be told.
 */
export function explainNoMemory(native: NativePort, wanted: Wanted): string | undefined {
  const { name, fields } = wanted;
  const isPipe = /[{}]/.test(name);
  // A switch port gets memory as large as it needs, unless it is to join others.
  if (name.startsWith('vale') && !isPipe && fields.memId === 0) return undefined;
  const pools = new PoolsInfoBody(fields.memId);
  // A null port cannot be asked about; a port of a switch in its region can.
  const asked = fields.mode === MODE.null ? `vale${process.pid}n:a` : name;
  if (native.control(REQ.POOLS_INFO_GET, asked, pools.bytes, []) !== null) return undefined;

  const need = needs(wanted, isPipe ? 2 : 1);
  const prefix = pools.memId === 1 ? '' : 'priv_';
  const where = `memory region ${pools.memId}`;
  const raise = (parameter: string, value: number) =>
    `write at least ${value} to /sys/module/netmap/parameters/${prefix}${parameter}`;
  const limits: string[] = [];
  if (need.ifSize > pools.interfaces.size) {
    limits.push(
      `a port of so many rings takes ${need.ifSize} bytes for its interface, ${where} has room for ${pools.interfaces.size}: ${raise('if_size', need.ifSize)}`,
    );
  }
  if (need.ringSize > pools.rings.size) {
    limits.push(
      `a ring of ${need.slots} slots takes ${need.ringSize} bytes, ${where} has room for ${pools.rings.size}: ${raise('ring_size', need.ringSize)}`,
    );
  }
  if (need.rings > pools.rings.count) {
    limits.push(`${need.rings} rings are needed, ${where} has ${pools.rings.count}: ${raise('ring_num', need.rings)}`);
  }
  if (need.buffers + RESERVED_BUFFERS > pools.buffers.count) {
    limits.push(
      `${need.buffers} buffers are needed, ${where} has ${pools.buffers.count}: ${raise('buf_num', need.buffers + RESERVED_BUFFERS)}`,
    );
  }
  if (limits.length > 0) return `${limits.join('; ')}; that takes effect when nobody has the region open`;
  return (
    `${where} has room for ${pools.interfaces.count} open ports, ${pools.rings.count} rings and ${pools.buffers.count} ` +
    `buffers, part of which others have: close some, or raise ${prefix}if_num, ${prefix}ring_num, ${prefix}buf_num in ` +
    '/sys/module/netmap/parameters'
  );
}

/** What a registration takes. A pipe's rings exist at both ends, as soon as one of them is open. */
function needs({ fields }: Wanted, ends: number) {
  const txSlots = fields.txSlots || DEFAULT_SLOTS;
  const rxSlots = fields.rxSlots || DEFAULT_SLOTS;
  const txRings = fields.txRings + fields.hostTxRings || 1;
  const rxRings = fields.rxRings + fields.hostRxRings || 1;
  const slots = Math.max(txSlots, rxSlots);
  return {
    slots,
    // There is always a host ring each way.
    ifSize: IF_HEADER + RING_OFFSET * (fields.txRings + fields.rxRings + 2),
    ringSize: RING_HEADER + SLOT * slots,
    rings: ends * (txRings + rxRings),
    buffers: ends * (txSlots * txRings + rxSlots * rxRings) + fields.extraBuffers,
  };
}
