/** Share of the time in which the processor was taken away from one that looked at the clock without a break, in percent. */
export function awayPercent(away: { count: number; mean: number }, seconds: number): number {
  return (100 * away.count * away.mean) / (1e9 * seconds);
}
