import { bitRate, packetRate, percent } from './format';
import type { Interval } from './live';

/** Threads with a column of their own: more do not fit into a line. */
const MOST_THREADS = 8;

interface Column {
  head: string;
  width: number;
  text: (interval: Interval, total: number) => string;
}

/** The lines of a live table for people. Where they go to a terminal, the heading comes again before it is out of sight. */
export class LiveTable {
  private readonly columns: readonly Column[];
  private rows = 0;

  constructor(counters: readonly string[], threads: number) {
    const columns: Column[] = [
      { head: 'time', width: 7, text: ({ elapsed }) => `${elapsed.toFixed(elapsed < 10 ? 1 : 0)} s` },
      { head: 'packets/s', width: 12, text: ({ pps }) => packetRate(pps) },
      { head: 'bit/s', width: 13, text: ({ bps }) => bitRate(bps) },
      { head: 'packets', width: 13, text: (_, total) => String(total) },
    ];
    for (const name of counters) {
      columns.push({
        head: name,
        width: Math.max(9, name.length),
        text: (interval) => String(interval.counters[name]),
      });
    }
    if (counters.includes('dropped')) {
      columns.push({
        head: 'loss',
        width: 8,
        text: ({ packets, counters }) => percent(counters.dropped, packets + counters.dropped),
      });
    }
    for (let k = 0; k < Math.min(threads, MOST_THREADS); k++) {
      columns.push({ head: `thread ${k}`, width: 11, text: (interval) => packetRate(interval.threads[k]) });
    }
    this.columns = columns;
  }

  /** The next line, with the heading before it where there is to be one. */
  row(interval: Interval, total: number): string {
    const height = process.stdout.isTTY ? Math.max(5, (process.stdout.rows || 24) - 3) : Infinity;
    const line = this.line((column) => column.text(interval, total));
    const first = this.rows === 0 || this.rows % height === 0;
    this.rows++;
    return first ? `${this.line(({ head }) => head)}\n${line}` : line;
  }

  private line(text: (column: Column) => string): string {
    return this.columns.map((column) => text(column).padStart(column.width)).join('  ');
  }
}
