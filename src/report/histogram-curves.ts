import type { HistogramData } from '../apps/details';
import type { Curve } from './curve';

const TITLES: Record<string, string> = {
  latency: 'Latency',
  roundTrip: 'Round trip',
  gap: 'Gaps between packets',
  late: 'How late packets were',
  gapError: 'How far gaps were from the plan',
  overhead: 'What measuring takes by itself',
};

/** Percentiles from here on are drawn: 1 - 10^-k. */
const MOST_NINES = 6;

function title(name: string): string {
  return TITLES[name] ?? name.charAt(0).toUpperCase() + name.slice(1);
}

/** How the values are spread, and which share of them is below what. */
export function histogramCurves(histograms: Record<string, HistogramData>): Curve[] {
  return Object.entries(histograms)
    .filter(([, { count }]) => count > 0)
    .flatMap(([name, data]) => [density(name, data), tail(name, data)]);
}

/** Share of the values in each bucket, over the upper ends of the buckets. */
function density(name: string, { buckets, count }: HistogramData): Curve {
  return {
    title: title(name),
    note: 'Share of all values in each step of the scale.',
    x: { label: 'microseconds', scale: 'log', values: buckets.map(([upTo]) => Math.max(upTo, 1) / 1000) },
    y: { label: '% of values' },
    lines: [{ label: '% of values', values: buckets.map(([, n]) => (100 * n) / count) }],
    shape: 'bars',
  };
}

/** The value below which a share of 1 - 10^-nines is: the tail drawn out, as is usual for latency. */
function tail(name: string, { buckets, count }: HistogramData): Curve {
  const nines: number[] = [];
  const values: number[] = [];
  let below = 0;
  for (const [upTo, n] of buckets) {
    const share = below / count;
    below += n;
    const at = -Math.log10(1 - share);
    if (at > MOST_NINES) break;
    nines.push(at);
    values.push(Math.max(upTo, 1) / 1000);
  }
  return {
    title: `${title(name)}: percentiles`,
    note: '1 on the scale is the 90th percentile, 2 the 99th, 3 the 99.9th.',
    x: { label: 'nines', values: nines },
    y: { label: 'microseconds', scale: 'log' },
    lines: [{ label: 'microseconds', values }],
    shape: 'steps',
  };
}
