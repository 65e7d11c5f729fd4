import { checkInteger, checkObject, wrongValue } from '../../check';

/**
 * Lengths of frames, without CRC:
 *
 * - `'imix'`: the simple Internet mix, 7 frames of 60 bytes to 4 of 590 and 1 of 1514
 * - `{ from, to }`: any length between, at random
 * - a list: as many of each as its weight says, 1 by default
 */
export type SizeMix = 'imix' | { from: number; to: number } | readonly { length: number; weight?: number }[];

/** Lengths, and which packet has which. */
export interface Sizes {
  lengths: number[];
  /** Index into `lengths` of each packet in turn; empty: always the first. */
  order: Uint32Array;
}

const IMIX = [
  { length: 60, weight: 7 },
  { length: 590, weight: 4 },
  { length: 1514, weight: 1 },
];

/** Packets after which a random mix begins again. */
const RANDOM_PERIOD = 65536;
const MOST_WEIGHT = 10_000;
const MOST_LENGTH = 65_600;

export function parseSizes(mix: SizeMix, random: () => number): Sizes {
  if (mix === 'imix') return byWeight(IMIX);
  if (Array.isArray(mix) && mix.length > 0) return byWeight(mix);
  if (typeof mix !== 'object' || Array.isArray(mix)) {
    throw wrongValue('sizes', "must be 'imix', { from, to }, or a list of { length, weight }", mix);
  }
  checkObject('sizes', mix, ['from', 'to']);
  const { from, to } = mix as { from: number; to: number };
  checkInteger('sizes.from', from, 14, MOST_LENGTH);
  checkInteger('sizes.to', to, from, MOST_LENGTH);
  const lengths = Array.from({ length: to - from + 1 }, (_, k) => from + k);
  return { lengths, order: Uint32Array.from({ length: RANDOM_PERIOD }, () => Math.floor(random() * lengths.length)) };
}

/** Each as often as it should be, and as evenly spread as can be: the one that lags behind most comes next. */
function byWeight(mix: readonly { length: number; weight?: number }[]): Sizes {
  const weights = mix.map(({ length, weight = 1 }, k) => {
    checkInteger(`sizes[${k}].length`, length, 14, MOST_LENGTH);
    return checkInteger(`sizes[${k}].weight`, weight, 1, MOST_WEIGHT);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const credit = weights.map(() => 0);
  const order = Uint32Array.from({ length: total }, () => {
    weights.forEach((weight, k) => (credit[k] += weight));
    const next = credit.indexOf(Math.max(...credit));
    credit[next] -= total;
    return next;
  });
  return { lengths: mix.map(({ length }) => length), order };
}
