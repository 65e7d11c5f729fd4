import type { CapturedPacket } from '../../pcap';

/** When the packets of a capture came, in ns after the first one. */
export class Timeline {
  private readonly maxGap: number;
  private begun = false;
  private seconds = 0;
  private nanoseconds = 0;
  /** What silences were shortened by. */
  private cut = 0;
  private last = 0;
  private packets = 0;

  /** @param maxGap ns: longer silences are cut to this */
  constructor(maxGap: number) {
    this.maxGap = maxGap;
  }

  /** When a packet came; to be asked once for each. */
  place({ seconds, nanoseconds }: CapturedPacket): number {
    if (!this.begun) {
      this.begun = true;
      this.seconds = seconds;
      this.nanoseconds = nanoseconds;
    }
    const ns = (seconds - this.seconds) * 1e9 + (nanoseconds - this.nanoseconds) - this.cut;
    this.packets++;
    // Captures are not always in order; a packet with an earlier time follows the one before it at once.
    if (ns <= this.last) return this.last;
    if (ns - this.last > this.maxGap) {
      this.cut += ns - this.last - this.maxGap;
      this.last += this.maxGap;
    } else {
      this.last = ns;
    }
    return this.last;
  }

  /** From the first packet to the last one, and one mean distance between packets: then the capture may begin again. */
  get span(): number {
    return this.packets > 1 ? this.last + this.last / (this.packets - 1) : this.last;
  }
}
