import type { App, Traffic } from '../apps';
import { bitRate, packetRate, percent } from './format';
import type { Output } from './output';

const EVERY_MS = 1000;

type LiveStats = Traffic & { dropped?: number | null };

/** One line a second about what an app does. */
export class Live {
  private readonly app: App<LiveStats>;
  private readonly output: Output;
  private readonly start = performance.now();
  private before: { at: number; packets: number; bytes: number; dropped: number };
  private readonly timer: NodeJS.Timeout;

  constructor(app: App<LiveStats>, output: Output) {
    this.app = app;
    this.output = output;
    this.before = { at: this.start, packets: 0, bytes: 0, dropped: 0 };
    this.timer = setInterval(() => this.tell(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tell(): void {
    const { before } = this;
    const stats = this.app.stats();
    const at = performance.now();
    const seconds = (at - before.at) / 1000;
    const packets = stats.packets - before.packets;
    const bytes = stats.bytes - before.bytes;
    const known = typeof stats.dropped === 'number';
    const dropped = (stats.dropped ?? 0) - before.dropped;
    this.before = { at, packets: stats.packets, bytes: stats.bytes, dropped: stats.dropped ?? 0 };
    const pps = packets / seconds;
    const bps = (8 * bytes) / seconds;
    const elapsed = (at - this.start) / 1000;
    const time = `${elapsed.toFixed(0).padStart(5)} s`;
    const loss = known ? `   loss ${percent(dropped, packets + dropped)}` : '';
    this.output.tell(
      'interval',
      { elapsed, seconds, packets, bytes, pps, bps, ...(known && { dropped }) },
      `${time}   ${packetRate(pps).padStart(12)}   ${bitRate(bps).padStart(13)}${loss}`,
    );
  }
}
