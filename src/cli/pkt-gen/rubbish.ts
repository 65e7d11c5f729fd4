import { PortApp, type Traffic } from '../../apps';
import { sleep, turn, TURN_MS } from '../../apps/event-loop';
import type { Port } from '../../port';

/** What it sends, whatever the buffers of a port's tx rings hold. */
export interface RubbishOptions {
  size: number;
  count: number;
  burst: number;
  /** Packets per second; 0: as many as possible. */
  rate: number;
}

/** Sends without writing packets first: what the rings alone are capable of. */
export class Rubbish extends PortApp<Traffic & { batches: number }> {
  private readonly options: RubbishOptions;
  private batches = 0;

  constructor(port: Port, options: RubbishOptions) {
    super(port);
    this.options = { ...options, size: Math.min(options.size, port.bufSize) };
  }

  stats() {
    return { ...this.meter.traffic(), batches: this.batches };
  }

  protected async run(): Promise<void> {
    const { count, rate } = this.options;
    const start = performance.now();
    while (!this.stopped && this.meter.packets < count) {
      const began = performance.now();
      while (performance.now() - began < TURN_MS) {
        const due = rate > 0 ? Math.floor(((performance.now() - start) * rate) / 1000) : Infinity;
        if (this.step(Math.min(count, due)) === 0) break;
      }
      // A rate, or somebody who reads at the other end, is waited for.
      await (rate > 0 ? sleep(1, this.signal) : turn());
    }
    this.port.txSync();
  }

  /** Sends until so many have been sent in all; how many that were. */
  private step(until: number): number {
    const { size, burst } = this.options;
    const began = performance.now();
    let sent = 0;
    for (const ring of this.port.txRings) {
      const n = Math.min(ring.available, burst, until - this.meter.packets - sent);
      if (n <= 0) continue;
      for (let k = 0, slot = ring.head; k < n; k++, slot = ring.next(slot)) {
        ring.setLength(slot, size);
        ring.setFlags(slot, 0);
      }
      ring.advance(n);
      sent += n;
      this.batches++;
    }
    this.port.txSync();
    if (sent > 0) {
      this.meter.add(sent, sent * size);
      this.meter.span(began, performance.now());
    }
    return sent;
  }
}
