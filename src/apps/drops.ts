import type { Port } from '../port';

/** What a port should have received but did not, as far as the device tells. */
export class Drops {
  private readonly port: Port;
  private readonly before: number;

  /** Counts from now on. */
  constructor(port: Port) {
    this.port = port;
    this.before = total(port) ?? 0;
  }

  /** Packets lost because our rings were full or blocked; null on the kernel, which does not tell. */
  count(): number | null {
    const now = total(this.port);
    return now === null ? null : now - this.before;
  }
}

function total(port: Port): number | null {
  const counters = port.counters();
  return counters && counters.dropFull + counters.dropBusy;
}
