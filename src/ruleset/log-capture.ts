/** Frames that rules with `log` match, written into a capture. */

import { checkInteger, wrongType } from '../check';
import { CaptureWriter } from '../pcap/capture-writer';
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

export function checkLogWriter(argument: string, writer: unknown): CaptureWriter | undefined {
  if (writer === undefined || writer instanceof CaptureWriter) return writer;
  throw wrongType(argument, 'a PcapWriter or PcapngWriter, or undefined', writer);
}

export function checkOrigin(origin: unknown): Origin {
  if (!Array.isArray(origin) || origin.length !== 2) {
    throw wrongType('origin', '[seconds since 1970, nanoseconds]', origin);
  }
  return [
    checkInteger('origin[0]', origin[0], 0, Number.MAX_SAFE_INTEGER),
    checkInteger('origin[1]', origin[1], 0, 999_999_999),
  ];
}

export function writeLogged(
  writer: CaptureWriter,
  { time, data, length }: RuleLogEntry,
  [seconds, nanoseconds]: Origin,
): void {
  const ns = nanoseconds + (time % 1e9);
  writer.write(data, 0, data.length, length, seconds + Math.floor(time / 1e9) + Math.floor(ns / 1e9), ns % 1e9);
}
