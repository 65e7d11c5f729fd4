/**
 * Says how many packets are due at a given rate. Packet number n is due at start + n / rate, whatever happened to those
 * before it: nothing adds up, so the rate holds for days, and what came late is made up for.
 */
export class Pacer {
  private readonly perMs: number;
  private start = 0;

  /** @param rate packets per second */
  constructor(rate: number) {
    this.perMs = rate / 1000;
  }

  /** Packet 0 is due at `now`, in ms. */
  begin(now: number): void {
    this.start = now;
  }

  /** Number of packets that should have been sent by `now`. */
  due(now: number): number {
    return Math.floor((now - this.start) * this.perMs) + 1;
  }

  /** When packet `n`, counted from 0, is due. */
  timeOf(n: number): number {
    return this.start + n / this.perMs;
  }

  /**
   * Gives up what is late by more than `most` ms: a process that was stopped for a minute must not send a minute's packets
   * at once.
   */
  forgive(sent: number, now: number, most: number): void {
    const late = now - this.timeOf(sent);
    if (late > most) this.start += late - most;
  }
}
