import type { App, HistogramData } from '../../apps';
import { say } from './say';

/** What a ping tells each second and at its end. */
export class PingLines {
  private readonly app: App;
  private before = new Map<number, number>();
  private sumBefore = 0;
  private countBefore = 0;

  constructor(app: App) {
    this.app = app;
  }

  /** Round trips since the last time, and how many took 2^k ns up to twice that. */
  tell(): void {
    const { count, mean, buckets } = this.histogram();
    const answered = count - this.countBefore;
    if (answered <= 0) return;
    const bins = new Array<number>(64).fill(0);
    let least = 0;
    for (const [upTo, n] of buckets) {
      const more = n - (this.before.get(upTo) ?? 0);
      if (more <= 0) continue;
      least ||= upTo;
      bins[Math.floor(Math.log2(Math.max(1, upTo)))] += more;
    }
    const sum = count * mean;
    say(
      'ping_body [1533]',
      `count ${answered} RTT: min ${Math.round(least)} av ${Math.round((sum - this.sumBefore) / answered)} ns`,
    );
    const first = bins.findIndex((n) => n > 0);
    const last = bins.findLastIndex((n) => n > 0);
    const columns = bins.slice(first, last + 1).map((n) => ` ${String(n).padStart(5)}`);
    say('ping_body [1549]', `k: ${2 ** first} .. ${2 ** last}\n\t${columns.join('')}`);
    this.before = new Map(buckets);
    this.sumBefore = sum;
    this.countBefore = count;
  }

  end(sent: number): void {
    const { count, min, mean } = this.histogram();
    if (sent > 0 && count > 0) {
      say('ping_body [1566]', `RTT over ${sent} packets: min ${Math.round(min)} av ${Math.round(mean)} ns`);
    }
  }

  private histogram(): HistogramData {
    return this.app.details().histograms!.roundTrip;
  }
}
