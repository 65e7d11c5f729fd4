import { NetmapError } from '../errors';
import type { Port } from '../port';
import type { Ring } from '../ring';
import { txRing } from './tx-ring';

/** An EtherType for experiments (IEEE 802): nobody takes the frame for something else. */
const EXPERIMENTAL = [0x88, 0xb5];
const FRAME_LENGTH = 60;

/**
 * Sees to it that a switch delivers replayed packets to one port, whatever it has learned.
 *
 * A capture of two hosts that talk to each other holds the packets of both. Sent by one port, they teach the switch that
 * both live there, and from then on it delivers none of them: they are where they belong. So before a packet whose
 * destination has been a source, a frame from the port that is to receive says that this address lives there. It is
 * addressed to itself: the switch learns from it, and delivers it to nobody.
 */
export class Signpost {
  private readonly port: Port;
  private readonly ring: Ring;
  private readonly frame = new Uint8Array(FRAME_LENGTH);
  /** Addresses that the switch takes to be at the receiving port. */
  private readonly there = new Set<number>();

  /** @param port the receiving port, opened once more with `txOnly` */
  constructor(port: Port) {
    this.port = port;
    this.ring = txRing(port);
    this.frame.set(EXPERIMENTAL, 12);
  }

  /** Whether the frame would perhaps be delivered elsewhere: then what was sent before has to be synced, and this pointed. */
  needed(bytes: Uint8Array, offset: number, length: number): boolean {
    return length >= 14 && (bytes[offset] & 1) === 0 && !this.there.has(address(bytes, offset));
  }

  /** Leads the frame's destination to the receiving port. */
  point(bytes: Uint8Array, offset: number): void {
    const { frame, port, ring } = this;
    for (let k = 0; k < 6; k++) frame[k] = frame[6 + k] = bytes[offset + k];
    if (!port.inject(frame)) throw new NetmapError(`port '${port.name}' takes no packets`, { code: 'EAGAIN' });
    // A sync is passed over when the ring's other user is syncing it at this moment.
    for (let tries = 0; tries === 0 || (ring.pending > 0 && tries < 1000); tries++) port.txSync();
    this.there.add(address(bytes, offset));
  }

  /** A frame has been handed over: its source is where it was sent from. */
  sent(bytes: Uint8Array, offset: number): void {
    this.there.delete(address(bytes, offset + 6));
  }
}

/** A MAC address as a number. */
function address(bytes: Uint8Array, at: number): number {
  const high = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
  return high * 0x1000000 + ((bytes[at + 3] << 16) | (bytes[at + 4] << 8) | bytes[at + 5]);
}
