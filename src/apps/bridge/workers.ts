import { join } from 'node:path';
import { checkObject, outOfRange, wrongType } from '../../check';
import type { PortMode } from '../../name';
import { Port } from '../../port';
import { END_KEYS } from '../mover';
import type { ReceiverOptions } from '../receiver';
import { Workers } from '../workers';
import type { BridgeStats } from './index';
import type { BridgeWorkerOptions } from './worker';

/** What {@link bridgeWorkers} takes besides its ports; everything has a default. */
export interface BridgeWorkersOptions extends Omit<ReceiverOptions, 'count'> {
  /** Path of a module whose default export is the hook, or an array of two: see {@link BridgeOptions.hook}. Each worker has its own. */
  hookFile?: string;
  /** Rules as text, instead of a hook: see {@link BridgeOptions.filter}. Each worker has its own state and counters. */
  filter?: string;
  /** From a to b only; false by default. */
  oneWay?: boolean;
  /** Copy even where buffers could be exchanged; false by default. */
  copy?: boolean;
}

/**
 * A bridge of several worker threads: ring `n` of one port and ring `n` of the other one have a worker of their own.
 *
 * @param a open port; its rings and those of `b` are opened once more by the workers, and must be as many
 * @throws RangeError when the ports have different numbers of rings
 */
export function bridgeWorkers(a: Port, b: Port, options: BridgeWorkersOptions = {}): Workers<BridgeStats> {
  if (!(a instanceof Port)) throw wrongType('a', 'a Port', a);
  if (!(b instanceof Port)) throw wrongType('b', 'a Port', b);
  checkObject('options', options, ['hookFile', 'filter', 'oneWay', 'copy', ...END_KEYS]);
  const { hookFile, ...rest } = options;
  const rings = a.rxRings.length;
  for (const [name, port] of Object.entries({ a, b })) {
    if (port.txRings.length === rings && port.rxRings.length === rings) continue;
    const expected = `ports with as many tx as rx rings, and as many as the other (@conf:rings=${rings})`;
    throw outOfRange(
      name,
      expected,
      `'${port.name}' with ${port.txRings.length} tx and ${port.rxRings.length} rx rings`,
    );
  }
  return new Workers<BridgeStats, BridgeWorkerOptions>(a, join(__dirname, 'worker.js'), {
    options: (index) => {
      const { kind, id } = b.rxRings[index];
      const mode: PortMode = kind.startsWith('host') ? 'host-ring' : 'ring';
      return { ...rest, to: b.name, open: { device: b.device, mode, ring: id }, hook: hookFile };
    },
  });
}
