/** Frames that rules with `log` match, written into a capture. */

import type { PcapWriter } from '../pcap';
import type { RuleLogEntry } from './log-entry';

/** When the clock of log entries was 0. */
export type Origin = readonly [secondsSince1970: number, nanoseconds: number];

/** Of clocks whose times are dates already. */
export const EPOCH: Origin = [0, 0];

/** Of the system's monotonic clock. Looked at each time: the calendar may be set meanwhile. */
export function monotonicOrigin(): Origin {
  const ns = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
  return [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)];
}

export function writeLogged(
  writer: PcapWriter,
  { time, data, length }: RuleLogEntry,
  [seconds, nanoseconds]: Origin,
): void {
  const ns = nanoseconds + (time % 1e9);
  writer.write(data, 0, data.length, length, seconds + Math.floor(time / 1e9) + Math.floor(ns / 1e9), ns % 1e9);
}
