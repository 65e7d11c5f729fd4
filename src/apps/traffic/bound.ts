import { closedError } from '../../errors';
import { errno } from '../../errno';
import type { NativePort } from '../../native';
import { nativeOf, type Port } from '../../port';
import type { Ring } from '../../ring';
import { systemError } from '../../system-error';
import type { NativeRings } from '../../native-traffic';

/** The native side of a port. */
export function nativePort(port: Port): NativePort {
  const native = nativeOf.get(port);
  if (!native || port.closed) throw closedError(port.name);
  return native;
}

/** Rings for a native loop: where they are, and where it begins. */
export function nativeRings(rings: readonly Ring[]): NativeRings {
  return {
    rings: Float64Array.from(rings, ({ byteOffset }) => byteOffset),
    heads: Float64Array.from(rings, ({ head }) => head),
  };
}

/** A native loop has moved the heads of rings: ours follow. */
export function resumeRings(rings: readonly Ring[], stats: Float64Array, heads: number): void {
  for (let k = 0; k < rings.length; k++) rings[k].resume(stats[heads + k]);
}

/** Throws for a negative errno. */
export function checkErrno(result: number, port: Port): number {
  if (result >= 0) return result;
  if (-result === errno.EBADF || port.closed) throw closedError(port.name);
  throw systemError('syncing', -result, { port: port.name, device: port.device, call: 'NIOCTXSYNC' });
}
