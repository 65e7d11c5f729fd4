import type { Curve } from '../report/curve';

/** What an app can tell beside its counters. All of it is plain data, for `JSON.stringify` and `structuredClone`. */
export interface Details {
  /** Distributions by name: `latency`, `gap`, `late`, ... */
  histograms?: Record<string, HistogramData>;
  /** What the whole is made of, by name: `flows`, `protocols`, ... The largest first. */
  shares?: Record<string, Share[]>;
  /** Plots of its own: delay over time, queue lengths, ... */
  curves?: Curve[];
}

/** A distribution of times, in nanoseconds. */
export interface HistogramData {
  unit: 'ns';
  /** Values recorded. */
  count: number;
  min: number;
  max: number;
  mean: number;
  stddev: number;
  /** Values by percentile: `50`, `90`, `99`, `99.9`, `99.99`, `99.999`. Exact to 1 %. */
  percentiles: Record<string, number>;
  /** All of it: upper end of each bucket that is not empty, and how many values are in it. */
  buckets: [upTo: number, count: number][];
}

/** A part of a whole. */
export interface Share {
  /** What it is: `10.0.0.1:1234 -> 10.1.0.1:9 udp`, `IPv4/UDP`, ... */
  name: string;
  packets: number;
  bytes: number;
}
