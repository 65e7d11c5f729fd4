import { NetmapError } from '../errors';
import type { Port } from '../port';
import type { Traffic } from './meter';

/** When a receiver ends. */
export interface ReceiverOptions {
  /** Packets to take; default: no end. */
  count?: number;
  /** Seconds without a packet until it ends; default: never. */
  timeout?: number;
  /** Seconds until it ends; default: never. */
  duration?: number;
}

/** What a receiver has taken. */
export interface ReceiverStats extends Traffic {
  /** Packets that were for the port but found no room; null on the kernel, which does not tell. */
  dropped: number | null;
}

/** Throws when a port has no ring to receive by. */
export function checkReceives(port: Port): void {
  if (!port.rxRings.some(({ numSlots }) => numSlots > 1)) {
    const hint = 'open it without "/T" and with at least 2 rx slots';
    throw new NetmapError(`port '${port.name}' has no ring to receive by; ${hint}`, {
      code: 'EINVAL',
      port: port.name,
      hint,
    });
  }
}
