import type { Port } from '../port';
import type { Ring } from '../ring';
import { FrameAuditor, type Audit } from './frame-auditor';
import { Tally, tally } from './frames';
import { Receiver, type ReceiverOptions, type ReceiverStats } from './receiver';

/** What {@link Sink} takes; everything has a default. */
export interface SinkOptions extends ReceiverOptions {
  /** Verify checksums and sequence numbers, false by default. */
  check?: boolean;
}

/** What a sink has received; the audit only where it was asked for. */
export interface SinkStats extends ReceiverStats, Partial<Audit> {}

/** Counts packets and throws them away; looks at what is in them only if asked to. */
export class Sink extends Receiver<SinkStats> {
  private readonly auditor: FrameAuditor | undefined;
  private readonly tally = new Tally();

  constructor(port: Port, options: SinkOptions = {}) {
    super(port, options);
    this.auditor = options.check ? new FrameAuditor(port) : undefined;
  }

  stats(): SinkStats {
    return { ...this.receiverStats(), ...this.auditor?.audit() };
  }

  protected take(ring: Ring, most: number): number {
    const { frames, bytes, slots } = tally(ring, most, this.tally);
    this.auditor?.check(ring, slots);
    if (slots > 0) ring.advance(slots);
    this.meter.add(frames, bytes);
    return frames;
  }
}
