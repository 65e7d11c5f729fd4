import { outOfRange, wrongType } from '../check';
import { NetmapError } from '../errors';
import type { Port } from '../port';
import { App } from './app';
import { Crowd } from './crowd';
import { turn, TURN_MS } from './event-loop';
import type { Traffic } from './meter';
import type { ReceiverOptions } from './receiver';
import { TimeLimit } from './time-limit';
import { unlessAborted, waitForAny, type Want } from './wait-for-any';

/** The names of {@link ReceiverOptions}, for checks. */
export const END_KEYS = ['count', 'timeout', 'duration'] as const;

/**
 * How long it looks for more again and again before it goes to sleep, in ms. Waking up takes about as long as the least of
 * these. Where a full ring is found on waking, sleeping has cost packets: then it looks longer next time, up to the most.
 * (That also shows the system's scheduler that there is work to do, so that it finds the process a processor of its own;
 * who sleeps all the time is left on the one of the sender that wakes it.)
 */
const LEAST_SPIN_MS = 0.1;
const MOST_SPIN_MS = 4;
/** Rounds, and slots, between two looks at the clock: each makes a number that the garbage collector has to fetch. */
const ROUNDS_PER_LOOK = 16;
const SLOTS_PER_LOOK = 2048;

/**
 * An app that takes packets from rx rings and does something with them. While there is traffic it looks for more without a
 * break, but lets the event loop turn every few milliseconds; when there is none it sleeps until a port wakes it. On a monitor it
 * ends with the port that is watched.
 */
export abstract class Mover<Stats extends Traffic> extends App<Stats> {
  private readonly count: number;
  private readonly timeout: number;
  private readonly duration: number;
  private spin = LEAST_SPIN_MS;
  private readonly crowd = new Crowd();

  constructor(ports: readonly Port[], options: ReceiverOptions) {
    super(...ports);
    const { count = Infinity, timeout = Infinity, duration = Infinity } = options;
    for (const [key, value] of Object.entries({ count, timeout, duration })) {
      if (typeof value !== 'number') throw wrongType(`options.${key}`, 'a number', value);
      if (!(value > 0)) throw outOfRange(`options.${key}`, 'greater than 0', value);
    }
    this.count = count;
    this.timeout = 1000 * timeout;
    this.duration = duration;
  }

  /** Packets that may still be taken. */
  protected get left(): number {
    return this.count - this.meter.packets;
  }

  /**
   * Syncs, takes what is there, counts it by `meter.add`.
   *
   * @returns slots taken
   */
  protected abstract round(): number;

  /** What is worth waking up for. None: something else than a port has to move first. */
  protected abstract wants(): Want[];

  /** What has to be over before anything can go on, ports or not: undefined = nothing. */
  protected get obstacle(): Promise<unknown> | undefined {
    return undefined;
  }

  /** How long it may sleep whatever happens, in ms. */
  protected get longestSleep(): number {
    return Infinity;
  }

  /** Gives slots back and sends what lies around, at the end. */
  protected abstract flush(): void;

  protected async run(): Promise<void> {
    const limit = new TimeLimit(this.duration, this.signal);
    try {
      let idleSince = performance.now();
      while (!limit.signal.aborted) {
        const last = this.work();
        if (this.left <= 0) return this.flush();
        if (last >= 0) {
          idleSince = last;
          await turn();
          continue;
        }
        const patience = this.timeout - (performance.now() - idleSince);
        if (patience <= 0) return this.flush();
        if (!(await this.sleep(limit.signal, patience))) break;
      }
      // What arrived until now was sent before the end.
      const now = performance.now();
      if (this.round() > 0) this.meter.span(now, performance.now());
      this.flush();
    } finally {
      limit.clear();
    }
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

  /** Several rounds for one look at the clock. Returns slots taken. */
  private look(): number {
    let taken = 0;
    for (let k = 0; k < ROUNDS_PER_LOOK && taken < SLOTS_PER_LOOK && this.left > 0; k++) taken += this.round();
    return taken;
  }

  /** Waits until there is something to do. False when a port that was watched is gone: then there never will be. */
  private async sleep(signal: AbortSignal, patience: number): Promise<boolean> {
    const { obstacle } = this;
    try {
      if (obstacle) await unlessAborted(obstacle, signal);
      else await waitForAny(this.wants(), signal, Math.min(patience, this.longestSleep));
    } catch (error) {
      if (error instanceof NetmapError && error.code === 'ERR_NETMAP_ENDED') return false;
      throw error;
    }
    const full = this.ports.some(({ closed, rxRings }) => !closed && rxRings.some(isFull));
    const { spin } = this;
    if (!this.crowd.leaves()) this.spin = 0;
    else if (full) this.spin = Math.min(Math.max(4 * spin, LEAST_SPIN_MS), MOST_SPIN_MS);
    else this.spin = Math.max(spin / 2, LEAST_SPIN_MS);
    return true;
  }
}

function isFull({ available, numSlots }: { available: number; numSlots: number }): boolean {
  return numSlots > 1 && available === numSlots - 1;
}
