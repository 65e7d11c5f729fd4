import type { NativeHistogram } from '../../native-traffic';
import type { HistogramData } from '../details';

/** Percentiles that are worth knowing. */
const PERCENTS = [50, 90, 99, 99.9, 99.99, 99.999];

/** A native histogram as plain data. */
export function histogramData(native: NativeHistogram): HistogramData {
  const { count, min, max, mean, stddev, buckets } = native;
  const pairs: [number, number][] = [];
  for (let k = 0; k < buckets.length; k += 2) pairs.push([buckets[k], buckets[k + 1]]);
  return { unit: 'ns', count, min, max, mean, stddev, percentiles: percentiles(pairs, count, max), buckets: pairs };
}

/** The value that so many percent of all values do not exceed. */
function percentiles(buckets: readonly [number, number][], count: number, max: number): Record<string, number> {
  const found: Record<string, number> = {};
  let passed = 0;
  let k = 0;
  for (const percent of PERCENTS) {
    const wanted = Math.max(1, Math.ceil((count * percent) / 100));
    while (k < buckets.length && passed + buckets[k][1] < wanted) passed += buckets[k++][1];
    found[String(percent)] = k < buckets.length ? Math.min(buckets[k][0], max) : max;
  }
  return found;
}
