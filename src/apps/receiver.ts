import { NetmapError } from '../errors';
import type { Port } from '../port';
import type { Ring } from '../ring';
import { PortApp } from './port-app';
import { Drops } from './drops';
import { turn, TURN_MS } from './event-loop';
import type { Traffic } from './meter';
import { TimeLimit } from './time-limit';

/** When a receiver ends. */
export interface ReceiverOptions {
  /** Packets to take; default: no end. */
  count?: number;
  /** Seconds without a packet until it ends; default: never. */
  timeout?: number;
  /** Seconds until it ends; default: never. */
  duration?: number;
}

/** What a receiver has taken. */
export interface ReceiverStats extends Traffic {
  /** Packets that were for the port but found no room; null on the kernel, which does not tell. */
  dropped: number | null;
}

/**
 * How long it looks for more again and again before it goes to sleep, in ms. Waking up takes about as long as the least of
 * these. Where a full ring is found on waking, sleeping has cost packets: then it looks longer next time, up to the most.
 * (That also shows the system's scheduler that there is work to do, so that it finds the process a processor of its own;
 * who sleeps all the time is left on the one of the sender that wakes it.)
 */
const LEAST_SPIN_MS = 0.1;
const MOST_SPIN_MS = 4;
/** Syncs, and packets, between two looks at the clock. */
const SYNCS_PER_LOOK = 16;
const PACKETS_PER_LOOK = 2048;
/** A turn of the event loop takes about so long, in ms. */
const TURN_COST_MS = 0.05;

/**
 * Takes packets from all rx rings of a port. While there is traffic it looks for more without a break; when there is none
 * it sleeps until the device wakes it. On a monitor it ends with the port that is watched.
 */
export abstract class Receiver<Stats extends ReceiverStats> extends PortApp<Stats> {
  private readonly drops: Drops;
  private readonly count: number;
  private readonly timeout: number;
  private readonly duration: number;
  private spin = LEAST_SPIN_MS;
  /** The port that ours watches has been closed. */
  private ended = false;

  constructor(port: Port, options: ReceiverOptions = {}) {
    super(port);
    const { count = Infinity, timeout = Infinity, duration = Infinity } = options;
    checkReceives(port);
    this.drops = new Drops(port);
    this.count = count;
    this.timeout = 1000 * timeout;
    this.duration = duration;
  }

  /**
   * Takes frames from the front of a ring, `most` at most, and releases their slots by `ring.advance`.
   *
   * @returns the number of frames
   */
  protected abstract take(ring: Ring, most: number): number;

  /** Frames to be counted; a receiver that skips some says less. */
  protected receiverStats(): ReceiverStats {
    return { ...this.meter.traffic(), dropped: this.drops.count() };
  }

  protected async run(): Promise<void> {
    const limit = new TimeLimit(this.duration, this.signal);
    try {
      let idleSince = performance.now();
      while (!limit.signal.aborted && !this.ended) {
        const last = this.work();
        if (this.left <= 0) return this.release();
        if (last >= 0) {
          idleSince = last;
          await turn();
          if (performance.now() - last < this.spin + TURN_COST_MS) continue;
        }
        const patience = this.timeout - (performance.now() - idleSince);
        if (patience <= 0) return this.release();
        await this.wait(limit.signal, patience);
      }
      // What arrived until now was sent before the end.
      const now = performance.now();
      this.port.rxSync();
      if (this.sweep() > 0) this.meter.span(now, performance.now());
      this.release();
    } finally {
      limit.clear();
    }
  }

  /** Gives back what was taken: whoever is at the other end of a pipe waits for it. */
  private release(): void {
    this.port.rxSync();
  }

  /** Frames that may still be taken. */
  private get left(): number {
    return this.count - this.meter.packets;
  }

  /** Takes what comes, for one turn of the event loop. Returns when the last packet came, -1 if none did. */
  private work(): number {
    let now = performance.now();
    const until = now + TURN_MS;
    let last = -1;
    for (let quietSince = now; now < until && this.left > 0;) {
      const taken = this.look();
      const then = performance.now();
      if (taken > 0) {
        this.meter.span(now, then);
        last = quietSince = then;
      } else if (then - quietSince > this.spin) {
        return last;
      }
      now = then;
    }
    return last;
  }

  /** Several syncs for one look at the clock: each look makes a number that the garbage collector has to fetch. */
  private look(): number {
    let taken = 0;
    for (let k = 0; k < SYNCS_PER_LOOK && taken < PACKETS_PER_LOOK && this.left > 0; k++) {
      this.port.rxSync();
      taken += this.sweep();
    }
    return taken;
  }

  /** Takes what lies in the rings. */
  private sweep(): number {
    const rings = this.port.rxRings;
    let taken = 0;
    for (let k = 0; k < rings.length; k++) {
      const ring = rings[k];
      if (ring.available > 0) taken += this.take(ring, this.left);
    }
    return taken;
  }

  private async wait(signal: AbortSignal, patience: number): Promise<void> {
    try {
      await this.port.readable({ signal, timeout: patience });
      const full = this.port.rxRings.some(({ available, numSlots }) => available === numSlots - 1);
      this.spin = full ? Math.min(4 * this.spin, MOST_SPIN_MS) : Math.max(this.spin / 2, LEAST_SPIN_MS);
    } catch (error) {
      if (error instanceof NetmapError && error.code === 'ERR_NETMAP_ENDED') this.ended = true;
      else if (!signal.aborted) throw error;
    }
  }
}

/** Throws when a port has no ring to receive by. */
export function checkReceives(port: Port): void {
  if (!port.rxRings.some(({ numSlots }) => numSlots > 1)) {
    const hint = 'open it without "/T" and with at least 2 rx slots';
    throw new NetmapError(`port '${port.name}' has no ring to receive by; ${hint}`, {
      code: 'EINVAL',
      port: port.name,
      hint,
    });
  }
}
