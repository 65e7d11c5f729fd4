import type { CapturedPacket } from '../pcap';

/** When the packets of a capture are due: as they came, faster or slower, or at once. */
export class CaptureClock {
  private readonly speed: number;
  private start = 0;
  private firstSeconds = 0;
  private firstNanoseconds = 0;
  private begun = false;
  /** Distance in ms of the last packet from the first one of its pass, at the capture's own speed. */
  private last = 0;
  private packets = 0;

  /** @param speed 2 = twice as fast; Infinity = everything is due at once */
  constructor(speed: number) {
    this.speed = speed;
  }

  /** The next packet is due at `now`, in ms. */
  begin(now: number): void {
    this.start = now;
  }

  /** Begins the capture again, one mean distance between packets after its last one. */
  again(): void {
    const gap = this.packets > 1 ? this.last / (this.packets - 1) : 0;
    if (this.speed !== Infinity) this.start += (this.last + gap) / this.speed;
    this.begun = false;
    this.last = this.packets = 0;
  }

  /** When the next packet is due; to be asked once for each. */
  due(packet: CapturedPacket): number {
    if (!this.begun) {
      this.begun = true;
      this.firstSeconds = packet.seconds;
      this.firstNanoseconds = packet.nanoseconds;
    }
    const ms = (packet.seconds - this.firstSeconds) * 1000 + (packet.nanoseconds - this.firstNanoseconds) / 1e6;
    // Captures are not always in order; a packet with an earlier time follows the one before it at once.
    if (ms > this.last) this.last = ms;
    this.packets++;
    return this.speed === Infinity ? this.start : this.start + this.last / this.speed;
  }
}
