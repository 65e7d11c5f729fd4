import type { App, Traffic } from '../apps';
import { Workers } from '../apps/workers';
import { LiveTable } from './live-table';
import type { Output } from './output';
import { progressBar, type Progress } from './progress';

/** What has happened since the line before: `dropped`, `lost` and so on where the app counts them. */
export interface Interval {
  /** Seconds since the start, and since the line before. */
  elapsed: number;
  seconds: number;
  packets: number;
  bytes: number;
  pps: number;
  bps: number;
  counters: Record<string, number>;
  /** Packets per second of each worker thread; empty without any. */
  threads: number[];
}

/** Counters of what went wrong, or another way, that get a column wherever an app has them. */
const COUNTERS = [
  ...['dropped', 'undelivered', 'lost', 'reordered', 'duplicated', 'corrupt', 'unmatched'],
  ...['refused', 'skipped', 'late', 'failed'],
];

const FIRST_COLUMNS = ['elapsed', 'seconds', 'packets', 'bytes', 'pps', 'bps'];

interface Reading {
  at: number;
  stats: Traffic & Progress & Record<string, unknown>;
  each: readonly Traffic[];
}

/** One line a second about what an app does: a row of a table, a JSON object or comma-separated values. */
export class Live {
  private readonly app: App<Traffic>;
  private readonly output: Output;
  private readonly start = performance.now();
  private readonly threads: number;
  private counters: readonly string[] = [];
  private table: LiveTable | undefined;
  private before: Reading;
  private readonly timer: NodeJS.Timeout;

  /** @param every seconds between lines */
  constructor(app: App<Traffic>, output: Output, every = 1) {
    this.app = app;
    this.output = output;
    this.threads = app instanceof Workers ? app.threads : 0;
    this.before = this.read();
    this.timer = setInterval(() => this.tell(), 1000 * every);
  }

  /** A table of comma-separated values goes on to the very end, so that its rows add up to the whole. */
  stop(): void {
    clearInterval(this.timer);
    if (this.output.format === 'csv') this.tell();
  }

  /** Workers tell which counters they have when they have started: so the heading waits for the first line. */
  private head({ stats }: Reading): LiveTable {
    this.counters = COUNTERS.filter((name) => typeof stats[name] === 'number');
    if (this.output.format === 'csv') {
      const threads = Array.from({ length: this.threads }, (_, k) => `thread ${k} pps`);
      this.output.row([...FIRST_COLUMNS, ...this.counters, ...threads]);
    }
    return new LiveTable(this.counters, this.threads);
  }

  private read(): Reading {
    const { app } = this;
    const each = app instanceof Workers ? (app.each() as readonly Traffic[]) : [];
    return { at: performance.now(), stats: app.stats() as Reading['stats'], each };
  }

  private tell(): void {
    const now = this.read();
    const table = (this.table ??= this.head(now));
    const interval = this.difference(now);
    this.before = now;
    const { counters, threads, ...numbers } = interval;
    const { output } = this;
    if (output.format === 'csv') {
      const { elapsed, seconds, packets, bytes, pps, bps } = numbers;
      output.row([elapsed, seconds, packets, bytes, pps, bps, ...Object.values(counters), ...threads]);
    } else {
      const { progress, secondsLeft, packets } = now.stats;
      const way = progress === undefined ? {} : { progress, secondsLeft };
      const fields = { ...numbers, ...counters, ...(threads.length > 0 && { threads }), ...way };
      const text = output.format === 'text' ? table.row(interval, packets) + progressBar(now.stats) : '';
      output.tell('interval', fields, text);
    }
  }

  private difference({ at, stats, each }: Reading): Interval {
    const { before, threads } = this;
    const seconds = (at - before.at) / 1000;
    const packets = stats.packets - before.stats.packets;
    const bytes = stats.bytes - before.stats.bytes;
    const value = (reading: Reading['stats'], name: string) => (reading[name] as number | null | undefined) ?? 0;
    const counters = this.counters.map((name) => [name, value(stats, name) - value(before.stats, name)] as const);
    const rate = (amount: number) => (seconds > 0 ? amount / seconds : 0);
    return {
      ...{ elapsed: (at - this.start) / 1000, seconds, packets, bytes, pps: rate(packets), bps: rate(8 * bytes) },
      counters: Object.fromEntries(counters),
      threads: Array.from({ length: threads }, (_, k) =>
        rate((each[k]?.packets ?? 0) - (before.each[k]?.packets ?? 0)),
      ),
    };
  }
}
