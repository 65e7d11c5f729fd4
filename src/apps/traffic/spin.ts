import { NetmapError } from '../../errors';
import type { Port } from '../../port';

/**
 * How long a receiver looks for more again and again before it goes to sleep, in ms. Waking up takes about as long as the least of
 * these. Where a full ring is found on waking, sleeping has cost packets: then it looks longer next time, up to the most.
 * (That also shows the system's scheduler that there is work to do, so that it finds the process a processor of its own;
 * who sleeps all the time is left on the one of the sender that wakes it.)
 */
const LEAST_MS = 0.1;
const MOST_MS = 4;

/** How a receiver waits for packets. */
export class Spin {
  /** How long it is to look for more. */
  ms = LEAST_MS;
  private readonly port: Port;

  constructor(port: Port) {
    this.port = port;
  }

  /**
   * Sleeps until there are packets, the signal aborts, or `patience` ms are over. False when nothing will come any more: the port
   * that a monitor watched is gone.
   */
  async wait(signal: AbortSignal, patience: number): Promise<boolean> {
    const { port } = this;
    try {
      await port.readable({ signal, timeout: patience });
      const full = port.rxRings.some(({ available, numSlots }) => available === numSlots - 1);
      this.ms = full ? Math.min(4 * this.ms, MOST_MS) : Math.max(this.ms / 2, LEAST_MS);
    } catch (error) {
      if (error instanceof NetmapError && error.code === 'ERR_NETMAP_ENDED') return false;
      if (!signal.aborted) throw error;
    }
    return true;
  }
}
