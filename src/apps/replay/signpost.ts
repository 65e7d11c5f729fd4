import { NetmapError } from '../../errors';
import type { Port } from '../../port';
import type { Ring } from '../../ring';
import { txRing } from '../tx-ring';

/** An EtherType for experiments (IEEE 802): nobody takes the frame for something else. */
const EXPERIMENTAL = [0x88, 0xb5];
const FRAME_LENGTH = 60;

/**
 * Sees to it that a switch delivers replayed packets to one port, whatever it has learned.
 *
 * A capture of two hosts that talk to each other holds the packets of both. Sent by one port, they teach the switch that
 * both live there, and from then on it delivers none of them: they are where they belong. So before a packet whose
 * destination has been a source (see {@link Stations}), a frame from the port that is to receive says that this address lives
 * there. It is addressed to itself: the switch learns from it, and delivers it to nobody.
 */
export class Signpost {
  private readonly port: Port;
  private readonly ring: Ring;
  private readonly frame = new Uint8Array(FRAME_LENGTH);

  /** @param port the receiving port, opened once more with `txOnly` */
  constructor(port: Port) {
    this.port = port;
    this.ring = txRing(port);
    this.frame.set(EXPERIMENTAL, 12);
  }

  /** Leads the destination of a frame to the receiving port. */
  point(bytes: Uint8Array, offset: number): void {
    const { frame, port, ring } = this;
    for (let k = 0; k < 6; k++) frame[k] = frame[6 + k] = bytes[offset + k];
    if (!port.inject(frame)) throw new NetmapError(`port '${port.name}' takes no packets`, { code: 'EAGAIN' });
    // A sync is passed over when the ring's other user is syncing it at this moment.
    for (let tries = 0; tries === 0 || (ring.pending > 0 && tries < 1000); tries++) port.txSync();
  }
}
