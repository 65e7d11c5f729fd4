import { args } from './arguments';

/** Packets between two looks at the clock. */
export const ROUND = 16384;

/** Calls `round` for the warm-up, then for as long as is measured: millions of packets per second. */
export function rate(round: () => number): number {
  for (const end = performance.now() + 1000 * args.warmUp; performance.now() < end;) round();
  let packets = 0;
  const start = performance.now();
  const end = start + 1000 * args.seconds;
  let now = start;
  while (now < end) {
    packets += round();
    now = performance.now();
  }
  return packets / (now - start) / 1000;
}
