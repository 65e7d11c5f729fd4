import type { Details, HistogramData, Share } from '../details';
import type { Traffic } from '../meter';

/** Shares that a merged list keeps at most. */
const MOST_SHARES = 1000;

/**
 * What several apps have done, as one: counters add up, the time is that of the longest, the rate follows from both. What is no
 * number stays where all agree on it; what is null (not known) stays null only if nobody knows it.
 */
export function mergeStats<Stats extends Traffic>(all: readonly Stats[]): Stats {
  const sum: Record<string, unknown> = {};
  for (const stats of all) {
    for (const [key, value] of Object.entries(stats)) sum[key] = key in sum ? add(sum[key], value) : value;
  }
  const seconds = Math.max(0, ...all.map((stats) => stats.seconds));
  const packets = all.reduce((total, stats) => total + stats.packets, 0);
  const bytes = all.reduce((total, stats) => total + stats.bytes, 0);
  return { ...sum, packets, bytes, seconds, pps: seconds > 0 ? packets / seconds : 0 } as Stats;
}

function add(a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a === null || a === undefined) return b;
  if (b === null || b === undefined) return a;
  return a === b ? a : undefined;
}

/** The same for what apps tell in detail. */
export function mergeDetails(all: readonly Details[]): Details {
  const merged: Details = {};
  const histograms = gather(all.map((details) => details.histograms ?? {}));
  const shares = gather(all.map((details) => details.shares ?? {}));
  if (histograms.size > 0) {
    merged.histograms = Object.fromEntries([...histograms].map(([name, list]) => [name, mergeHistograms(list)]));
  }
  if (shares.size > 0) {
    merged.shares = Object.fromEntries([...shares].map(([name, lists]) => [name, mergeShares(lists)]));
  }
  return merged;
}

function gather<T>(records: readonly Record<string, T>[]): Map<string, T[]> {
  const byName = new Map<string, T[]>();
  for (const record of records) {
    for (const [name, value] of Object.entries(record)) byName.set(name, [...(byName.get(name) ?? []), value]);
  }
  return byName;
}

/** One distribution out of several. Percentiles come from the buckets, so they are as exact as those are. */
export function mergeHistograms(all: readonly HistogramData[]): HistogramData {
  const filled = all.filter(({ count }) => count > 0);
  if (filled.length <= 1) return filled[0] ?? all[0];
  const counts = new Map<number, number>();
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (const each of filled) {
    count += each.count;
    sum += each.count * each.mean;
    squares += each.count * (each.stddev ** 2 + each.mean ** 2);
    for (const [upTo, n] of each.buckets) counts.set(upTo, (counts.get(upTo) ?? 0) + n);
  }
  const buckets = [...counts].sort(([a], [b]) => a - b);
  const mean = sum / count;
  const max = Math.max(...filled.map((each) => each.max));
  const names = new Set(filled.flatMap(({ percentiles }) => Object.keys(percentiles)));
  return {
    ...filled[0],
    count,
    min: Math.min(...filled.map((each) => each.min)),
    max,
    mean,
    stddev: Math.sqrt(Math.max(0, squares / count - mean ** 2)),
    percentiles: Object.fromEntries([...names].map((name) => [name, percentile(buckets, count, Number(name), max)])),
    buckets,
  };
}

function percentile(buckets: readonly [number, number][], count: number, percent: number, max: number): number {
  let left = Math.max(1, Math.ceil((count * percent) / 100));
  for (const [upTo, n] of buckets) if ((left -= n) <= 0) return Math.min(upTo, max);
  return max;
}

function mergeShares(lists: readonly Share[][]): Share[] {
  const byName = new Map<string, Share>();
  for (const share of lists.flat()) {
    const sum = byName.get(share.name);
    if (!sum) byName.set(share.name, { ...share });
    else {
      sum.packets += share.packets;
      sum.bytes += share.bytes;
    }
  }
  return [...byName.values()].sort((a, b) => b.packets - a.packets).slice(0, MOST_SHARES);
}
