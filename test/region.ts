/** A netmap region made by hand, for what no device at hand lays out: host rings, offsets, damage. */

import { createRequire } from 'node:module';
import { endianness } from 'node:os';
import type { Port } from 'node-netmap';

const load = createRequire(__filename);
const port = load('../../lib/port') as typeof import('../lib/port');

const LE = endianness() === 'LE';
const RING_BYTES = 4096;
export const IF_OFFSET = 64;
export const BUF_SIZE = 128;

export interface RegionOptions {
  tx: number;
  hostTx: number;
  rx: number;
  hostRx: number;
  slots: number;
  offsetMask?: bigint;
  /** Indices (in the order of ring_ofs) of rings that this descriptor does not see. */
  unbound?: number[];
}

export function makeRegion({
  tx,
  hostTx,
  rx,
  hostRx,
  slots,
  offsetMask = 0n,
  unbound = [],
}: RegionOptions): ArrayBuffer {
  const rings = tx + hostTx + rx + hostRx;
  const bufBase = (1 + rings) * RING_BYTES;
  const region = new ArrayBuffer(bufBase + (2 + rings * slots) * BUF_SIZE);
  const view = new DataView(region);
  [tx, rx].forEach((count, k) => view.setUint32(IF_OFFSET + 24 + 4 * k, count, LE));
  [hostTx, hostRx].forEach((count, k) => view.setUint32(IF_OFFSET + 36 + 4 * k, count, LE));
  for (let r = 0; r < rings; r++) {
    const at = (1 + r) * RING_BYTES;
    view.setBigInt64(IF_OFFSET + 56 + 8 * r, unbound.includes(r) ? 0n : BigInt(at - IF_OFFSET), LE);
    view.setBigInt64(at, BigInt(bufBase - at), LE);
    view.setUint32(at + 8, slots, LE);
    view.setUint32(at + 12, BUF_SIZE, LE);
    view.setUint32(at + 28, r < tx + hostTx ? slots - 1 : 0, LE);
    view.setBigUint64(at + 56, offsetMask, LE);
    for (let i = 0; i < slots; i++) view.setUint32(at + 256 + 16 * i, 2 + r * slots + i, LE);
  }
  return region;
}

/** A port over it, on a device that accepts everything and does nothing. */
export function portOver(region: ArrayBuffer, ifOffset = IF_OFFSET): Port {
  const native = { txSync: () => 0, rxSync: () => 0, close() {}, ref() {}, unref() {}, fd: () => 99 };
  return port.Port.make({
    name: 'made',
    device: 'kernel',
    native: native as never,
    region,
    memId: 1,
    ifOffset,
    monitor: false,
  });
}
