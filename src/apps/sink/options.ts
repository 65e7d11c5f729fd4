import { checkBoolean, checkInteger, checkObject, outOfRange, wrongType } from '../../check';
import type { Filter } from '../filter';
import { checkHook, type BatchHook, type FrameHook } from '../frame-hook';
import type { ReceiverOptions } from '../receiver';
import type { Match } from './match';

/** What `Sink` takes; everything has a default. */
export interface SinkOptions extends ReceiverOptions {
  /** Verify checksums and the numbers of generators: lost, reordered, duplicated, corrupt. False by default. */
  check?: boolean;
  /**
   * Measure how long packets took that carry the time of a generator on this machine. False by default. With `check`, corrupt
   * packets are left out: their time may be what is wrong in them.
   */
  latency?: boolean;
  /** Measure the times between packets, as exact as batches arrive. False by default. */
  gaps?: boolean;
  /** Count by protocol and by length. False by default. */
  protocols?: boolean;
  /** Count packets of each flow, up to so many flows; `true` is 65536. None by default. */
  flows?: boolean | number;
  /** Packets that all of this is about; others are only counted. Default: all. */
  match?: Match;
  /** The same by rules of ipfw's, see {@link Filter}. Where there are both, both must let a packet through. */
  filter?: Filter;
  /** Sees every packet that matches. */
  hook?: FrameHook;
  /** Sees every batch, with the packets that do not match. */
  batchHook?: BatchHook;
}

const FLAGS = ['check', 'latency', 'gaps', 'protocols'] as const;
const KEYS = ['count', 'timeout', 'duration', ...FLAGS, 'flows', 'match', 'filter', 'hook', 'batchHook'] as const;

const MOST_FLOWS = 1 << 22;
const DEFAULT_FLOWS = 65536;

export function checkOptions(options: SinkOptions): void {
  checkObject('options', options, KEYS);
  for (const name of ['count', 'timeout', 'duration'] as const) {
    const value: unknown = options[name];
    if (value === undefined) continue;
    if (typeof value !== 'number') throw wrongType(name, 'a number', value);
    if (!(value > 0)) throw outOfRange(name, 'greater than 0', value);
  }
  for (const name of FLAGS) if (options[name] !== undefined) checkBoolean(name, options[name]);
  for (const name of ['hook', 'batchHook'] as const) checkHook(name, options[name]);
}

export function flowLimit(flows: boolean | number = false): number {
  if (typeof flows === 'boolean') return flows ? DEFAULT_FLOWS : 0;
  return checkInteger('flows', flows, 0, MOST_FLOWS);
}
