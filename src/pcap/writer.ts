import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { NetmapError } from '../errors';
import { checkInteger, checkString, outOfRange } from '../check';
import { FILE_HEADER, MAGIC_MICRO, MAGIC_NANO, RECORD_HEADER } from './classic';
import { diskError } from './damage';
import { MAX_PACKET } from './decoder';

/** Bytes collected before they are written. */
const BUFFER_SIZE = 1 << 20;

/** The longest packet kept by default: what tcpdump takes. */
const DEFAULT_SNAPLEN = 262144;

/** Up to this length a loop copies faster than the engine's own copy, which needs a view object for each packet. */
const LOOP_LIMIT = 256;

/** Link type of Ethernet. */
export const LINKTYPE_ETHERNET = 1;

/** What {@link PcapWriter.create} takes. */
export interface PcapWriterOptions {
  /** Link type of the packets, Ethernet (1) by default. */
  linkType?: number;
  /** Most bytes of a packet that are kept, 262144 by default. */
  snaplen?: number;
  /** Times in nanoseconds instead of microseconds; some old programs can't read such files. False by default. */
  nanoseconds?: boolean;
}

/**
 * Writes a classic capture (little-endian, version 2.4), through a buffer of 1 MiB.
 *
 * When the disk fails, a NetmapError with the system's code (`ENOSPC`, ...) and the path is thrown, and the file is cut
 * back to its last whole packet, so that what it holds can be read.
 */
export class PcapWriter {
  /** Path of the file. */
  readonly path: string;
  /** Most bytes of a packet that are kept. */
  readonly snaplen: number;
  /** Nanoseconds in one unit of the fraction field. */
  private readonly unit: number;
  private fd: number;
  private buffer = Buffer.allocUnsafeSlow(BUFFER_SIZE);
  private view = viewOf(this.buffer);
  /** Bytes in the buffer: always whole packets. */
  private used = 0;
  /** Bytes and packets that the file holds already. */
  private flushed = 0;
  private flushedPackets = 0;
  private count = 0;
  private failure: Error | undefined;
  /** The memory that the last packet came from, with its view: packets tend to come from the same rings. */
  private from: Uint8Array | undefined;
  private fromView = this.view;

  private constructor(path: string, fd: number, options: Required<PcapWriterOptions>) {
    this.path = path;
    this.fd = fd;
    this.snaplen = options.snaplen;
    this.unit = options.nanoseconds ? 1 : 1000;
    const { view } = this;
    view.setUint32(0, options.nanoseconds ? MAGIC_NANO : MAGIC_MICRO, true);
    view.setUint16(4, 2, true);
    view.setUint16(6, 4, true);
    view.setUint32(8, 0, true);
    view.setUint32(12, 0, true);
    view.setUint32(16, options.snaplen, true);
    view.setUint32(20, options.linkType, true);
    this.used = FILE_HEADER;
  }

  /**
   * Creates the file, or empties it.
   *
   * @throws NetmapError with the system's code when that is not possible
   */
  static create(path: string, options: PcapWriterOptions = {}): PcapWriter {
    checkString('path', path);
    const { linkType = LINKTYPE_ETHERNET, snaplen = DEFAULT_SNAPLEN, nanoseconds = false } = options;
    checkInteger('linkType', linkType, 0, 0xffff);
    checkInteger('snaplen', snaplen, 1, MAX_PACKET);
    let fd: number;
    try {
      fd = openSync(path, 'w');
    } catch (cause) {
      throw diskError('create', path, cause);
    }
    return new PcapWriter(path, fd, { linkType, snaplen, nanoseconds });
  }

  /** Packets written so far, buffered ones included; after a failure those that the file really holds. */
  get packets(): number {
    return this.count;
  }

  /** Bytes of the file so far, buffered ones included; after a failure those that the file really holds. */
  get bytes(): number {
    return this.flushed + this.used;
  }

  /**
   * Writes one packet; what is longer than `snaplen` is cut.
   *
   * @param bytes Memory that holds it
   * @param offset Where it starts, 0 by default
   * @param length Its length, by default all behind `offset`
   * @param originalLength Its length on the wire, `length` by default
   * @param seconds Time: whole seconds since 1970
   * @param nanoseconds Time: nanoseconds within the second
   * @throws NetmapError with the system's code when the disk fails, RangeError when the packet doesn't lie in `bytes`
   */
  write(
    bytes: Uint8Array,
    offset = 0,
    length = bytes.length - offset,
    originalLength = length,
    seconds = 0,
    nanoseconds = 0,
  ): void {
    if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) {
      throw outOfRange('offset, length', `a range within ${bytes.length} bytes`, [offset, length]);
    }
    const kept = length > this.snaplen ? this.snaplen : length;
    this.reserve(RECORD_HEADER + kept);
    const { view, used } = this;
    view.setUint32(used, seconds, true);
    view.setUint32(used + 4, nanoseconds / this.unit, true);
    view.setUint32(used + 8, kept, true);
    view.setUint32(used + 12, originalLength, true);
    this.copy(bytes, offset, kept, used + RECORD_HEADER);
    this.used = used + RECORD_HEADER + kept;
    this.count++;
  }

  /** Hands everything buffered to the system. */
  flush(): void {
    this.checkOpen();
    let written = 0;
    try {
      while (written < this.used) written += writeSync(this.fd, this.buffer, written, this.used - written);
    } catch (cause) {
      this.failure = diskError('write', this.path, cause);
      this.keepWhole(written);
      throw this.failure;
    }
    this.flushed += this.used;
    this.flushedPackets = this.count;
    this.used = 0;
  }

  /** Writes what is left and closes the file. Closing twice is fine. */
  close(): void {
    if (this.fd < 0) return;
    try {
      if (this.failure === undefined) this.flush();
    } finally {
      const { fd } = this;
      this.fd = -1;
      closeFile(fd, this.path);
    }
  }

  /** Closes the file at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  private checkOpen(): void {
    if (this.failure !== undefined) throw this.failure;
    if (this.fd < 0) throw new NetmapError(`${this.path} is closed`, { code: 'ERR_NETMAP_CLOSED' });
  }

  /** Makes room for `size` more bytes in the buffer. */
  private reserve(size: number): void {
    this.checkOpen();
    if (this.used + size <= this.buffer.length) return;
    this.flush();
    if (size <= this.buffer.length) return;
    this.buffer = Buffer.allocUnsafeSlow(size);
    this.view = viewOf(this.buffer);
  }

  private copy(bytes: Uint8Array, offset: number, length: number, to: number): void {
    if (length > LOOP_LIMIT) {
      this.buffer.set(bytes.subarray(offset, offset + length), to);
      return;
    }
    if (bytes !== this.from) {
      this.from = bytes;
      this.fromView = viewOf(bytes);
    }
    const { view, fromView } = this;
    let at = 0;
    for (; at + 4 <= length; at += 4) view.setInt32(to + at, fromView.getInt32(offset + at));
    for (; at < length; at++) view.setUint8(to + at, fromView.getUint8(offset + at));
  }

  /** After a write that stopped in the middle: cuts the file behind its last whole packet, if the file can be cut. */
  private keepWhole(written: number): void {
    const { view } = this;
    let whole = this.flushed === 0 ? FILE_HEADER : 0;
    let packets = this.flushedPackets;
    while (whole + RECORD_HEADER <= written) {
      const end = whole + RECORD_HEADER + view.getUint32(whole + 8, true);
      if (end > written) break;
      whole = end;
      packets++;
    }
    if (whole > written) whole = 0; // not even the file header
    this.flushed += whole;
    this.used = 0;
    this.count = packets;
    try {
      ftruncateSync(this.fd, this.flushed);
    } catch {
      // A pipe or a device: what went out can't be taken back.
    }
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function closeFile(fd: number, path: string): void {
  try {
    closeSync(fd);
  } catch (cause) {
    throw diskError('close', path, cause);
  }
}
