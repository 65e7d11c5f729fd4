import type { Details } from '../apps';

/** A time in nanoseconds, as people read it. */
export function nanoseconds(ns: number): string {
  if (ns < 1000) return `${Math.round(ns)} ns`;
  if (ns < 1e6) return `${(ns / 1e3).toFixed(2)} us`;
  return ns < 1e9 ? `${(ns / 1e6).toFixed(2)} ms` : `${(ns / 1e9).toFixed(2)} s`;
}

/** Distributions in a line each; nothing for those that are empty. */
export function describeHistograms(details: Details, names: Record<string, string>): string {
  return Object.entries(names)
    .map(([name, title]) => {
      const histogram = details.histograms?.[name];
      if (!histogram || histogram.count === 0) return '';
      const { min, max, mean, percentiles } = histogram;
      const points = Object.entries(percentiles).map(([percent, ns]) => `p${percent} ${nanoseconds(ns)}`);
      return `\n${title}: min ${nanoseconds(min)}, mean ${nanoseconds(mean)}, ${points.join(', ')}, max ${nanoseconds(max)}`;
    })
    .join('');
}

/** The same for the JSON summary: without buckets, which `--report` has. */
export function histogramFields(details: Details): object {
  const histograms = Object.entries(details.histograms ?? {}).map(([name, { buckets: _, ...rest }]) => [name, rest]);
  return histograms.length > 0 ? { histograms: Object.fromEntries(histograms) as object } : {};
}

/** How exactly a sender kept its times: measured, not promised. */
export const SENDER_TITLES = {
  late: 'sent late by',
  lateRunning: 'of that, while it had the processor',
  away: 'processor taken away for',
  gapError: 'gaps wrong by',
};
