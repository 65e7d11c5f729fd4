import type { Conditions } from './benchmark';

export const BATCHES = [1, 16, 64, 256, 512] as const;
export const FRAMES = [60, 594, 1514] as const;

/** Every batch size with every frame length. */
export function wholeGrid(): Conditions[] {
  return FRAMES.flatMap((frame) => BATCHES.map((batch) => ({ batch, frame })));
}

/** Batches of 1, 64 and 512 short frames; where the length counts, also longer frames in batches of 512. */
export function shortGrid(lengths: boolean): Conditions[] {
  const short = [1, 64, 512].map((batch) => ({ batch, frame: 60 }));
  return lengths ? [...short, { batch: 512, frame: 594 }, { batch: 512, frame: 1514 }] : short;
}

/** Each case once in each mode. */
export function withModes(cases: Conditions[], modes: readonly string[]): Conditions[] {
  return cases.flatMap((conditions) => modes.map((mode) => ({ ...conditions, mode })));
}
