import type { Counters } from '../counters';
import type { PortReport } from '../ports';

/** A port, with what it moved per second since the look before. */
export interface PortRates extends PortReport {
  txPps: number;
  txBps: number;
  rxPps: number;
  rxBps: number;
  /** Packets for it that found no room. */
  droppedPps: number;
  /** Packets that it sent and nobody got. */
  undeliveredPps: number;
}

/** Turns counters into rates, look by look. */
export class Rates {
  private at = performance.now();
  private before = new Map<string, Counters>();

  /** @param reports ports as they are now */
  next(reports: readonly PortReport[]): PortRates[] {
    const now = performance.now();
    const seconds = Math.max(1e-3, (now - this.at) / 1000);
    const all = [...reports].sort((a, b) => a.name.localeCompare(b.name));
    const rates = all.map((port) => {
      const { counters } = port;
      const before = this.before.get(key(port));
      // A port that has come since then began with zeros; one that was made anew has counters that went back.
      const rate = (value: (counters: Counters) => number) =>
        Math.max(0, value(counters) - (before ? value(before) : 0)) / seconds;
      return {
        ...port,
        txPps: rate(({ txPackets }) => txPackets),
        txBps: rate(({ txBytes }) => 8 * txBytes),
        rxPps: rate(({ rxPackets }) => rxPackets),
        rxBps: rate(({ rxBytes }) => 8 * rxBytes),
        droppedPps: rate(({ dropFull, dropBusy }) => dropFull + dropBusy),
        undeliveredPps: rate(({ dropBad, dropUnroutable }) => dropBad + dropUnroutable),
      };
    });
    this.at = now;
    this.before = new Map(all.map((port) => [key(port), port.counters]));
    return rates;
  }
}

/** Null ports all have one name. */
function key({ name, owners }: PortReport): string {
  return `${name} ${owners.join(' ')}`;
}
