import { inspect } from 'node:util';
import { outOfRange, wrongType, wrongValue } from '../../check';

/** What a frame takes on the wire beside its own bytes: CRC, preamble, start delimiter and gap (IEEE 802.3). */
export const FRAMING = 24;
/** Line that percents of a rate are of, unless told otherwise: 10 Gbit/s. */
export const LINE = 1e10;

/** How fast: packets per second, or bits per second on the wire with framing. */
export interface Rate {
  unit: 'pps' | 'bps';
  value: number;
}

const SCALE: Record<string, number> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

const FORM = /^(\d+(?:\.\d+)?(?:e\d{1,2})?)\s*([kmgt]?)\s*(pps|p\/s|bps|bit\/s|b\/s|%)?$/i;

/**
 * A rate as text or number: packets per second unless it says otherwise.
 *
 * - `1000000`, `'1M'`, `'1.5Mpps'`: packets per second
 * - `'2.5Gbps'`, `'800Mbit/s'`: bits per second on the wire, where each frame takes 24 bytes more than it is long: CRC, preamble and
 *   gap
 * - `'40%'`: of a line
 *
 * @param line bits per second of the line that percents are of
 */
export function parseRate(rate: number | string, line: number): Rate {
  if (typeof rate === 'number') return { unit: 'pps', value: checkPositive(rate, rate) };
  if (typeof rate !== 'string') throw wrongType('rate', 'a number, or text such as 1Mpps, 2.5Gbps or 40%', rate);
  const parts = FORM.exec(rate.trim());
  if (parts === null) throw wrongValue('rate', 'must be a number, or text such as 1Mpps, 2.5Gbps or 40%', rate);
  const value = checkPositive(Number(parts[1]) * SCALE[parts[2].toLowerCase()], rate);
  const unit = (parts[3] ?? 'pps').toLowerCase();
  if (unit === '%') {
    if (parts[2] !== '') throw wrongValue('rate', 'must have percents without k, M, G', rate);
    return { unit: 'bps', value: (value / 100) * line };
  }
  return { unit: unit.startsWith('p') ? 'pps' : 'bps', value };
}

function checkPositive(value: number, given: unknown): number {
  if (!(value > 0 && value < 1e15)) throw outOfRange('rate', 'greater than 0', inspect(given));
  return value;
}

/**
 * Time from each packet to the next one, in ns: one number for all, or one for each frame of the order where bits are what counts
 * and lengths differ.
 *
 * @param lengths of the frames in the order in which they are sent, without CRC
 */
export function gapsOf({ unit, value }: Rate, lengths: readonly number[]): Float64Array {
  if (unit === 'pps') return Float64Array.of(1e9 / value);
  const gaps = lengths.map((length) => (8e9 * (length + FRAMING)) / value);
  return gaps.every((gap) => gap === gaps[0]) ? Float64Array.of(gaps[0]) : Float64Array.from(gaps);
}
