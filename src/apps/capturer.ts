import { PcapWriter } from '../pcap';
import type { Port } from '../port';
import type { Ring } from '../ring';
import { Chain } from './chain';
import { wholeFrame } from './frames';
import { Receiver, type ReceiverOptions, type ReceiverStats } from './receiver';
import { WallClock } from './wall-clock';

/** What {@link Capturer} takes; everything has a default. */
export interface CapturerOptions extends ReceiverOptions {
  /** Most bytes of a packet that are kept, 262144 by default. */
  snaplen?: number;
}

/** What a capturer has written. */
export interface CapturerStats extends ReceiverStats {
  file: string;
  /** Packets that are not in the file although they arrived, because the disk failed. */
  skipped: number;
  /** Packets that are in the file, but cut to `snaplen`. */
  cut: number;
  /** Bytes of the file. */
  fileBytes: number;
}

/** How often the file is brought up to date while packets arrive, in ms. */
const FLUSH_MS = 1000;

/**
 * Writes what arrives into a capture file with nanosecond time stamps, one per batch. The file is whole and up to date at
 * the end, and every second before.
 */
export class Capturer extends Receiver<CapturerStats> {
  private readonly writer: PcapWriter;
  private readonly clock = new WallClock();
  private readonly chain = new Chain();
  private cut = 0;

  /** @throws NetmapError when the file cannot be created; an existing one is emptied */
  constructor(port: Port, file: string, options: CapturerOptions = {}) {
    super(port, options);
    this.writer = PcapWriter.create(file, { snaplen: options.snaplen, nanoseconds: true });
  }

  stats(): CapturerStats {
    const { writer, meter, cut } = this;
    return {
      ...this.receiverStats(),
      file: writer.path,
      skipped: meter.packets - writer.packets,
      cut,
      fileBytes: writer.bytes,
    };
  }

  protected override async run(): Promise<void> {
    let failure: unknown;
    const timer = setInterval(() => {
      this.clock.adjust(performance.now());
      try {
        this.writer.flush();
      } catch (error) {
        failure = error;
        this.stop();
      }
    }, FLUSH_MS);
    try {
      await super.run();
    } finally {
      clearInterval(timer);
      this.writer.close();
    }
    if (failure !== undefined) throw failure;
  }

  protected take(ring: Ring, most: number): number {
    const available = ring.available;
    this.clock.read(performance.now());
    let frames = 0;
    let bytes = 0;
    let slots = 0;
    try {
      for (let slot = ring.head; slots < available && frames < most;) {
        const n = wholeFrame(ring, slot, available - slots);
        if (n === 0) break;
        bytes += n === 1 ? this.writeSlot(ring, slot) : this.writeChain(ring, slot, n);
        slots += n;
        frames++;
        slot += n;
        if (slot >= ring.numSlots) slot -= ring.numSlots;
      }
    } finally {
      if (slots > 0) ring.advance(slots);
      this.meter.add(frames, bytes);
    }
    return frames;
  }

  private writeSlot(ring: Ring, slot: number): number {
    const length = ring.payloadLength(slot);
    this.write(ring.port.u8, ring.offset(slot), length);
    return length;
  }

  private writeChain(ring: Ring, first: number, slots: number): number {
    const { chain } = this;
    chain.clear();
    for (let n = 0, slot = first; n < slots; n++, slot = ring.next(slot)) {
      chain.add(ring.port.u8, ring.offset(slot), ring.payloadLength(slot));
    }
    this.write(chain.bytes, 0, chain.length);
    return chain.length;
  }

  private write(bytes: Uint8Array, offset: number, length: number): void {
    const { writer, clock } = this;
    writer.write(bytes, offset, length, length, clock.seconds, clock.nanoseconds);
    if (length > writer.snaplen) this.cut++;
  }
}
