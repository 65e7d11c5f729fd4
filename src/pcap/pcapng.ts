import {
  BLOCK_ENHANCED_PACKET,
  BLOCK_INTERFACE,
  BLOCK_INTERFACE_STATISTICS,
  BLOCK_OLD_PACKET,
  BLOCK_SECTION,
  BLOCK_SIMPLE_PACKET,
  BYTE_ORDER_MAGIC,
  FRAMING,
} from './blocks';
import { captureError } from './damage';
import { MAX_PACKET, type Decoder } from './decoder';
import { NgInterface } from './interface-block';
import type { CapturedPacket } from './packet';
import type { ByteSource } from './source';

/** Bytes of a section header without options, framing included. */
const MIN_SECTION = 28;

/** The longest block that is held in memory: a packet of the largest size and a good many options. */
const MAX_BLOCK = MAX_PACKET + (1 << 20);

/** Bytes of the fixed fields in the body of each kind of block that is read. */
const FIXED_FIELDS: Readonly<Record<number, number>> = {
  [BLOCK_INTERFACE]: 8,
  [BLOCK_OLD_PACKET]: 20,
  [BLOCK_SIMPLE_PACKET]: 4,
  [BLOCK_INTERFACE_STATISTICS]: 12,
  [BLOCK_ENHANCED_PACKET]: 20,
};

/** True when the file starts as a pcapng capture. */
export function isPcapng(source: ByteSource): boolean {
  return source.has(4) && source.view.getUint32(source.at) === BLOCK_SECTION;
}

/**
 * Reads pcapng captures: sections of both byte orders, any number of interfaces, enhanced, simple and (obsolete) plain
 * packet blocks. Other blocks are stepped over.
 *
 * Interfaces are numbered through the whole file here, although each section starts again at 0: so the number that a
 * packet gets is an index into `interfaces` whatever section it lies in.
 */
export class PcapngDecoder implements Decoder {
  readonly format = 'pcapng';
  readonly interfaces: NgInterface[] = [];
  private readonly source: ByteSource;
  private little = true;
  /** Where the interfaces of the present section start in `interfaces`. */
  private sectionBase = 0;
  /** Offset, type and length of the block that is being read. */
  private start = 0;
  private type = 0;
  private length = 0;

  /** @param source A file that {@link isPcapng}; everything up to the first interface is read here */
  constructor(source: ByteSource) {
    this.source = source;
    do {
      if (!this.openBlock()) break;
      if (this.isPacketBlock()) break;
      this.readMetadata();
    } while (this.interfaces.length === 0);
  }

  next(packet: CapturedPacket): boolean {
    for (;;) {
      if (!this.openBlock()) return false;
      if (!this.isPacketBlock()) {
        this.readMetadata();
        continue;
      }
      this.loadBlock();
      if (this.type === BLOCK_ENHANCED_PACKET) this.readEnhanced(packet);
      else if (this.type === BLOCK_SIMPLE_PACKET) this.readSimple(packet);
      else this.readOld(packet);
      this.source.at += this.length;
      return true;
    }
  }

  /** Reads type and length of the next block without stepping over them; false at the end of the file. */
  private openBlock(): boolean {
    const { source } = this;
    this.start = source.offset;
    if (!source.has(FRAMING)) {
      if (source.buffered === 0) return false;
      throw this.cut(`a block of at least ${FRAMING} bytes`);
    }
    if (source.view.getUint32(source.at) === BLOCK_SECTION) this.openSection();
    this.type = source.view.getUint32(source.at, this.little);
    this.length = source.view.getUint32(source.at + 4, this.little);
    const least = FRAMING + (FIXED_FIELDS[this.type] ?? 0);
    if (this.length < least || this.length % 4 !== 0) {
      throw this.damage(
        4,
        `expected a block length of at least ${least} that is a multiple of 4, found ${this.length}`,
      );
    }
    return true;
  }

  /** A section header tells the byte order of everything up to the next one, its own length included. */
  private openSection(): void {
    const { source } = this;
    if (!source.has(MIN_SECTION)) throw this.cut(`a section header of at least ${MIN_SECTION} bytes`);
    const magic = source.view.getUint32(source.at + 8, true);
    this.little = magic === BYTE_ORDER_MAGIC;
    if (!this.little && source.view.getUint32(source.at + 8, false) !== BYTE_ORDER_MAGIC) {
      throw this.damage(8, 'expected the byte order mark 1a2b3c4d, in one order or the other');
    }
    const length = source.view.getUint32(source.at + 4, this.little);
    if (length < MIN_SECTION) throw this.damage(4, `expected a section header of at least ${MIN_SECTION} bytes`);
    const major = source.view.getUint16(source.at + 12, this.little);
    if (major !== 1) throw this.damage(12, `expected version 1 of the format, found ${major}`);
    this.sectionBase = this.interfaces.length;
  }

  private isPacketBlock(): boolean {
    const { type } = this;
    return type === BLOCK_ENHANCED_PACKET || type === BLOCK_SIMPLE_PACKET || type === BLOCK_OLD_PACKET;
  }

  /** Reads the open block if it describes an interface or counts for one, and steps over it in any case. */
  private readMetadata(): void {
    const { source } = this;
    if (this.type === BLOCK_INTERFACE) {
      this.loadBlock();
      const end = source.at + this.length - 4;
      this.interfaces.push(new NgInterface(source.view, source.at + 8, end, this.little));
      source.at += this.length;
      return;
    }
    if (this.type === BLOCK_INTERFACE_STATISTICS) {
      this.loadBlock();
      const known = this.interfaces[this.sectionBase + source.view.getUint32(source.at + 8, this.little)];
      known?.readStatistics(source.view, source.at + 20, source.at + this.length - 4, this.little);
      source.at += this.length;
      return;
    }
    // Such a block may be longer than memory: it is read through, not loaded.
    if (!source.skip(this.length - 4) || !source.has(4)) throw this.cut(`a block of ${this.length} bytes`);
    this.checkEnd(source.at);
    source.at += 4;
  }

  /** Makes the whole block addressable. */
  private loadBlock(): void {
    const { source, length } = this;
    if (length > MAX_BLOCK) throw this.damage(4, `expected a block of at most ${MAX_BLOCK} bytes, found ${length}`);
    if (!source.has(length)) throw this.cut(`a block of ${length} bytes`);
    this.checkEnd(source.at + length - 4);
  }

  /** A block ends with its length: another number there means that either of the two is wrong. */
  private checkEnd(at: number): void {
    const again = this.source.view.getUint32(at, this.little);
    if (again === this.length) return;
    const problem = `expected the block length ${this.length} again, found ${again}`;
    throw this.damage(this.length - 4, problem);
  }

  private readEnhanced(packet: CapturedPacket): void {
    const { view, at } = this.source;
    const { little } = this;
    const from = this.interfaceOf(view.getUint32(at + 8, little));
    from.split(view.getUint32(at + 12, little), view.getUint32(at + 16, little));
    packet.seconds = from.seconds;
    packet.nanoseconds = from.nanoseconds;
    packet.interfaceId = this.sectionBase + view.getUint32(at + 8, little);
    packet.originalLength = view.getUint32(at + 24, little);
    this.setData(packet, 28, view.getUint32(at + 20, little));
  }

  private readOld(packet: CapturedPacket): void {
    const { view, at } = this.source;
    const { little } = this;
    const from = this.interfaceOf(view.getUint16(at + 8, little));
    from.split(view.getUint32(at + 12, little), view.getUint32(at + 16, little));
    packet.seconds = from.seconds;
    packet.nanoseconds = from.nanoseconds;
    packet.interfaceId = this.sectionBase + view.getUint16(at + 8, little);
    packet.originalLength = view.getUint32(at + 24, little);
    this.setData(packet, 28, view.getUint32(at + 20, little));
  }

  /** A simple packet has neither time nor interface (it is the first), and its length is left to be worked out. */
  private readSimple(packet: CapturedPacket): void {
    const { view, at } = this.source;
    const { snaplen } = this.interfaceOf(0);
    const originalLength = view.getUint32(at + 8, this.little);
    packet.seconds = 0;
    packet.nanoseconds = 0;
    packet.interfaceId = this.sectionBase;
    packet.originalLength = originalLength;
    this.setData(packet, 12, snaplen === 0 ? originalLength : Math.min(originalLength, snaplen));
  }

  private setData(packet: CapturedPacket, offset: number, length: number): void {
    const room = this.length - offset - 4;
    if (length > room) {
      throw this.damage(offset, `expected at most ${room} bytes of packet in this block, found a length of ${length}`);
    }
    packet.bytes = this.source.bytes;
    packet.offset = this.source.at + offset;
    packet.capturedLength = length;
  }

  private interfaceOf(id: number): NgInterface {
    const known = this.interfaces.length - this.sectionBase;
    if (id >= known) {
      throw this.damage(8, `expected the number of an interface described before (${known} so far), found ${id}`);
    }
    return this.interfaces[this.sectionBase + id];
  }

  private damage(offset: number, problem: string): Error {
    return captureError(this.source.name, this.start + offset, problem, 'everything before this block is intact');
  }

  private cut(expected: string): Error {
    const { name, offset, buffered } = this.source;
    const found = `found the end of the file after ${offset + buffered - this.start}`;
    const hint = 'the capture was cut off; everything before is intact';
    return captureError(name, this.start, `expected ${expected}, ${found}`, hint);
  }
}
