import type { NativePort } from './native';

/** Numbers of a port since it was opened first, kept by the engine. */
export interface Counters {
  txPackets: number;
  txBytes: number;
  /** Placed in the port's rx rings. */
  rxPackets: number;
  rxBytes: number;
  /** For this port, but its rx ring was full. */
  dropFull: number;
  /** For this port, but another sender held its ring for too long (a process that was stopped). */
  dropBusy: number;
  /** Sent by this port: shorter than 14 bytes, too long, bad buffer or fragments. */
  dropBad: number;
  /** Sent by this port: to itself, to a port that is gone, or with nobody else there. */
  dropUnroutable: number;
}

/** Null when the device keeps none. */
export function readCounters(native: NativePort): Counters | null {
  const out = new Float64Array(8);
  if (!native.counters(out)) return null;
  const [txPackets, txBytes, rxPackets, rxBytes, dropFull, dropBusy, dropBad, dropUnroutable] = out;
  return { txPackets, txBytes, rxPackets, rxBytes, dropFull, dropBusy, dropBad, dropUnroutable };
}
