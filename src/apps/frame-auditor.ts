import { NS } from '../constants';
import { FrameReader, isCorrupt, SequenceChecker } from '../packet';
import type { Port } from '../port';
import type { Ring } from '../ring';
import { Chain } from './chain';

/** What became of the packets of generators. */
export interface Audit {
  /** Numbers missing between the lowest and the highest that arrived, over all streams. */
  lost: number;
  /** Packets that arrived after one with a higher number. */
  reordered: number;
  /** Packets whose number had arrived before. */
  duplicated: number;
  /** Packets with a wrong checksum, or that are cut or contradict themselves. */
  corrupt: number;
  /** Packets that carry no number of a generator. */
  unnumbered: number;
  /** Generators told apart. */
  streams: number;
}

/** Verifies checksums and sequence numbers of received frames. */
export class FrameAuditor {
  private readonly port: Port;
  private readonly frames: FrameReader;
  private readonly checker = new SequenceChecker();
  private readonly chain = new Chain();
  private readonly chainFrames: FrameReader;
  private corrupt = 0;
  private unnumbered = 0;

  constructor(port: Port) {
    this.port = port;
    this.frames = new FrameReader(port.u8);
    this.chainFrames = new FrameReader(this.chain.bytes);
  }

  /** Looks at the whole frames in `slots` slots from the front of the ring. */
  check(ring: Ring, slots: number): void {
    for (let n = 0, slot = ring.head; n < slots; n++) {
      if ((ring.flags(slot) & NS.MOREFRAG) === 0) {
        this.add(this.frames, ring.offset(slot), ring.payloadLength(slot));
        slot = ring.next(slot);
        continue;
      }
      const { chain } = this;
      chain.clear();
      for (let more = true; more && n < slots; slot = ring.next(slot)) {
        chain.add(this.port.u8, ring.offset(slot), ring.payloadLength(slot));
        more = (ring.flags(slot) & NS.MOREFRAG) !== 0;
        if (more) n++;
      }
      this.add(this.chainFrames, 0, chain.length);
    }
  }

  audit(): Audit {
    const { lost, reordered, duplicated, streams } = this.checker.totals();
    return { lost, reordered, duplicated, corrupt: this.corrupt, unnumbered: this.unnumbered, streams };
  }

  private add(frames: FrameReader, offset: number, length: number): void {
    if (isCorrupt(frames.verify(offset, length))) this.corrupt++;
    else if (!this.checker.addFrame(frames, offset, length)) this.unnumbered++;
  }
}
