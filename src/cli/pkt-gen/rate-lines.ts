import type { PktGenStats } from './app';
import type { PktGenOptions } from './options';
import { norm, say } from './say';

/** Values over which mean and deviation go. */
const WINDOW = 15;
/** What min_space says where nothing was received. */
const NO_SPACE = 99999;
/** Bits that a frame takes on the wire besides its own. */
const FRAMING_BITS = 8 * 24;
/** Intervals that are shorter, in microseconds, mean nothing. */
const SHORTEST = 10_000;

/** A line each interval: rate, packets, bandwidth, batch, room. */
export class RateLines {
  private readonly options: PktGenOptions;
  private before = { at: performance.now(), packets: 0, bytes: 0, batches: 0 };
  private first = true;
  private readonly window: number[] = [];

  constructor(options: PktGenOptions) {
    this.options = options;
  }

  /** The last line; a run too short for any has one all the same. */
  end(stats: PktGenStats): void {
    this.tell(stats, this.first ? 1 : SHORTEST);
  }

  tell(stats: PktGenStats, shortest = SHORTEST): void {
    const { before } = this;
    const { normalize, average } = this.options;
    const at = performance.now();
    const usec = Math.round(1000 * (at - before.at));
    if (usec < shortest) return;
    const packets = stats.packets - before.packets;
    const bytes = stats.bytes - before.bytes;
    const batches = (stats.batches ?? 0) - before.batches;
    this.before = { at, packets: stats.packets, bytes: stats.bytes, batches: stats.batches ?? 0 };
    const pps = Math.floor((packets * 1e6 + usec / 2) / usec);
    const bits = (1e6 * (8 * bytes + packets * framing(this.options))) / usec;
    const batch = batches > 0 ? packets / batches : 0;
    say(
      'main_thread [2781]',
      `${norm(pps, normalize)}pps ${average ? this.average(pps) : ''}(${norm(packets, normalize)}pkts ` +
        `${norm(bits, normalize)}bps in ${usec} usec) ${batch.toFixed(2)} avg_batch ${this.space(stats)} min_space`,
    );
  }

  private space({ leastRoom = -1 }: PktGenStats): number {
    const first = this.first;
    this.first = false;
    return first ? 0 : leastRoom < 0 ? NO_SPACE : leastRoom;
  }

  /** Mean and standard deviation of the last rates. */
  private average(pps: number): string {
    const { window } = this;
    const { normalize } = this.options;
    window.push(pps);
    if (window.length > WINDOW) window.shift();
    const values = window.filter((value) => value > 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length || 1);
    return `[avg/std ${norm(mean, normalize)}/${norm(Math.sqrt(variance), normalize)} pps]`;
  }
}

/** The two lines at the end. */
export function summary(verb: 'Sent' | 'Received', stats: PktGenStats, options: PktGenOptions): string {
  const { packets, bytes, batches = 0, seconds } = stats;
  if (packets === 0) return `${verb} nothing.\n`;
  const { normalize } = options;
  const delta = seconds > 0 ? seconds : 1e-6;
  const per = (amount: number) => norm(amount / delta, normalize);
  return (
    `${verb} ${packets} packets ${bytes} bytes ${batches} events ${Math.floor(bytes / packets)} bytes each ` +
    `in ${Math.max(0, seconds).toFixed(2)} seconds.\n` +
    `Speed: ${per(packets)}pps Bandwidth: ${per(8 * bytes)}bps ` +
    `(raw ${per(8 * bytes + packets * framing(options))}bps). ` +
    `Average batch: ${(batches > 0 ? packets / batches : 0).toFixed(2)} pkts\n`
  );
}

function framing({ framing: wanted }: PktGenOptions): number {
  return wanted ? FRAMING_BITS : 0;
}
