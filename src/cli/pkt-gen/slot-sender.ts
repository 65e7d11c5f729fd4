import type { Traffic } from '../../apps';
import { PortApp } from '../../apps/port-app';
import { sleep, turn, TURN_MS } from '../../apps/event-loop';
import { NS } from '../../constants';
import type { Port } from '../../port';
import type { Ring } from '../../ring';

/** How much a {@link SlotSender} sends. */
export interface SlotSenderOptions {
  /** Bytes in each slot. */
  size: number;
  /** Slots in all. */
  count: number;
  /** Most slots handed over at once; with frames of several slots, whole frames. */
  burst: number;
  /** Slots per second; 0: as many as possible. */
  rate: number;
  /** Slots of each frame. */
  fragments?: number;
}

/** Sends slot by slot, each of them counted as a packet. */
export abstract class SlotSender extends PortApp<Traffic & { batches: number }> {
  protected readonly options: Required<SlotSenderOptions>;
  private readonly rings: readonly Ring[];
  private batches = 0;

  constructor(port: Port, rings: readonly Ring[], options: SlotSenderOptions) {
    super(port);
    const { fragments = 1, size, burst } = options;
    this.rings = rings;
    const whole = Math.max(fragments, burst - (burst % fragments));
    this.options = { ...options, fragments, size: Math.min(size, port.bufSize), burst: whole };
  }

  stats() {
    return { ...this.meter.traffic(), batches: this.batches };
  }

  /** Makes the packet of a slot, whose length and flags are set. */
  protected abstract write(ring: Ring, slot: number): void;

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

  /** Sends whole frames until so many slots have been sent in all; how many that were. */
  private step(until: number): number {
    const { size, burst, fragments } = this.options;
    const began = performance.now();
    let sent = 0;
    for (const ring of this.rings) {
      const most = Math.min(ring.available, burst, until - this.meter.packets - sent);
      const n = most - (most % fragments);
      if (n <= 0) continue;
      for (let k = 1, slot = ring.head; k <= n; k++, slot = ring.next(slot)) {
        ring.setLength(slot, size);
        ring.setFlags(slot, k % fragments === 0 ? 0 : NS.MOREFRAG);
        this.write(ring, slot);
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
