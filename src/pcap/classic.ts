import { captureError } from './damage';
import { MAX_PACKET, type CaptureInterface, type Decoder } from './decoder';
import type { CapturedPacket } from './packet';
import type { ByteSource } from './source';

/** Magic number of captures with microseconds. */
export const MAGIC_MICRO = 0xa1b2c3d4;
/** Magic number of captures with nanoseconds. */
export const MAGIC_NANO = 0xa1b23c4d;

/** Bytes of the file header. */
export const FILE_HEADER = 24;
/** Bytes of the header of each packet. */
export const RECORD_HEADER = 16;

/** A longer packet than this and than the file's own limit is taken for damage (the limit tcpdump has for Ethernet). */
const USUAL_MAX_PACKET = 262144;

/** True when the file starts as a classic capture, in either byte order. */
export function isClassic(source: ByteSource): boolean {
  if (!source.has(4)) return false;
  return isMagic(source.view.getUint32(source.at, true)) || isMagic(source.view.getUint32(source.at, false));
}

function isMagic(magic: number): boolean {
  return magic === MAGIC_MICRO || magic === MAGIC_NANO;
}

/** Reads classic captures ("libpcap format"), version 2.4, of both byte orders and both resolutions. */
export class ClassicDecoder implements Decoder {
  readonly format = 'pcap';
  readonly interfaces: readonly CaptureInterface[];
  private readonly source: ByteSource;
  private readonly little: boolean;
  /** Nanoseconds in one unit of the fraction field. */
  private readonly unit: number;
  private readonly maxLength: number;
  private count = 0;

  /** @param source A file that {@link isClassic}; its header is read here */
  constructor(source: ByteSource) {
    this.source = source;
    const { view, at, offset } = source;
    this.little = isMagic(view.getUint32(at, true));
    if (!source.has(FILE_HEADER)) {
      const found = `found the end of the file after ${source.buffered}`;
      throw captureError(source.name, offset, `expected a file header of ${FILE_HEADER} bytes, ${found}`);
    }
    this.unit = this.field(0) === MAGIC_NANO ? 1 : 1000;
    const major = source.view.getUint16(source.at + 4, this.little);
    const minor = source.view.getUint16(source.at + 6, this.little);
    if (major !== 2 || minor < 4) {
      const hint = 'editcap of the Wireshark project converts old captures';
      throw captureError(source.name, offset + 4, `expected version 2.4, found ${major}.${minor}`, hint);
    }
    const snaplen = this.field(16);
    // The high half of the field is for other things (the length of a frame checksum, for one).
    this.interfaces = [{ linkType: this.field(20) & 0xffff, snaplen }];
    this.maxLength = Math.min(Math.max(snaplen, USUAL_MAX_PACKET), MAX_PACKET);
    source.at += FILE_HEADER;
  }

  next(packet: CapturedPacket): boolean {
    const { source } = this;
    if (!source.has(RECORD_HEADER)) {
      if (source.buffered === 0) return false;
      throw this.cut(`its header of ${RECORD_HEADER} bytes`, source.offset);
    }
    const length = this.field(8);
    if (length > this.maxLength) {
      const problem = `packet ${this.count + 1} claims a length of ${length}, expected at most ${this.maxLength}`;
      throw captureError(source.name, source.offset + 8, problem, 'everything before this packet is intact');
    }
    if (!source.has(RECORD_HEADER + length)) {
      throw this.cut(`its header and ${length} bytes`, source.offset);
    }
    const fraction = this.field(4) * this.unit;
    const carry = fraction < 1e9 ? 0 : Math.floor(fraction / 1e9);
    packet.bytes = source.bytes;
    packet.offset = source.at + RECORD_HEADER;
    packet.capturedLength = length;
    packet.originalLength = this.field(12);
    packet.seconds = this.field(0) + carry;
    packet.nanoseconds = fraction - carry * 1e9;
    packet.interfaceId = 0;
    source.at += RECORD_HEADER + length;
    this.count++;
    return true;
  }

  /** The 32-bit field at this offset from the position. */
  private field(offset: number): number {
    return this.source.view.getUint32(this.source.at + offset, this.little);
  }

  private cut(expected: string, offset: number): Error {
    const found = `found the end of the file after ${this.source.buffered} bytes`;
    const problem = `packet ${this.count + 1}: expected ${expected}, ${found}`;
    return captureError(this.source.name, offset, problem, 'the capture was cut off; everything before is intact');
  }
}
