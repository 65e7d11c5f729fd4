import type { CapturedPacket } from '../../pcap';
import { Ruleset } from '../../ruleset';

/** Rules about the packets of a capture, in its order and on its clock: state expires as it would have when they were captured. */
export class PacketFilter {
  private readonly rules: Ruleset;
  private readonly places = new Uint32Array(3);
  private readonly options: { direction: 'out'; xmit: string; time: number };
  /** Seconds of the first packet: from then on, nanoseconds fit into a number. */
  private begin: number | undefined;

  /** @param xmit name of the port that sends them */
  constructor(rules: string, xmit: string) {
    this.rules = Ruleset.filter(rules);
    this.options = { direction: 'out', xmit, time: 0 };
  }

  /** Whether a packet is wanted; to be asked once for each. */
  wants({ bytes, offset, capturedLength, originalLength, seconds, nanoseconds }: CapturedPacket): boolean {
    const { places, options } = this;
    this.begin ??= seconds;
    places[0] = offset;
    places[1] = capturedLength;
    places[2] = Math.max(capturedLength, originalLength);
    // Captures are not always in order; the clock of rules never goes back.
    options.time = Math.max(options.time, (seconds - this.begin) * 1e9 + nanoseconds);
    return this.rules.classifyBytes(bytes, places, options).pass[0] !== 0;
  }
}
