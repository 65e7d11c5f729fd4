/** How much has been moved, and in which time. */
export interface Traffic {
  packets: number;
  /** Bytes of frames, without CRC, preamble and gap. */
  bytes: number;
  /** From the first packet to the last. */
  seconds: number;
  /** Packets per second in that time. */
  pps: number;
}

/** Counts packets, bytes and the time between the first and the last of them. */
export class Meter {
  packets = 0;
  bytes = 0;
  private first = -1;
  private last = -1;

  /** Counts what was moved. */
  add(packets: number, bytes: number): void {
    this.packets += packets;
    this.bytes += bytes;
  }

  /** Says when that was: from when to when, in ms of `performance.now()`. */
  span(from: number, to: number): void {
    if (this.first < 0) this.first = from;
    this.last = to;
  }

  traffic(): Traffic {
    const { packets, bytes } = this;
    const seconds = (this.last - this.first) / 1000;
    return { packets, bytes, seconds, pps: seconds > 0 ? packets / seconds : 0 };
  }
}
