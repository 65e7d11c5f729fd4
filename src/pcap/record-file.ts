import { ftruncateSync } from 'node:fs';
import { constants, gzipSync } from 'node:zlib';
import { NetmapError } from '../errors';
import { diskError } from './damage';
import { closeFile, openFile, writeFile } from './standard-file';

/** Bytes collected before they are written. */
const BUFFER_SIZE = 1 << 20;

/** Up to this length a loop copies faster than the engine's own copy, which needs a view object for each packet. */
const LOOP_LIMIT = 256;

/** How the records of a format are told apart, to cut a file behind its last whole one. */
export interface RecordFormat {
  /** Bytes of the record at `at`, of which `left` are there; 0 when so few don't tell. */
  sizeOf(view: DataView, at: number, left: number): number;
  /** Whether the record at `at` is a packet. */
  isPacket(view: DataView, at: number): boolean;
}

/**
 * A file that grows record by record, through a buffer of 1 MiB; compressed by gzip, if wanted, a buffer at a time.
 *
 * When the disk fails, a NetmapError with the system's code (`ENOSPC`, ...) and the path is thrown, and the file is cut
 * back to its last whole record (of a compressed one: buffer), so that what it holds can be read.
 */
export class RecordFile {
  /** Path of the file. */
  readonly path: string;
  /** The buffer: a record goes to where {@link reserve} says. */
  view: DataView;
  private readonly format: RecordFormat;
  private readonly gzip: boolean;
  private fd: number;
  private buffer = Buffer.allocUnsafeSlow(BUFFER_SIZE);
  /** Bytes in the buffer: always whole records. */
  private used = 0;
  /** Bytes and packets that the file holds already. */
  private flushed = 0;
  private flushedPackets = 0;
  private count = 0;
  private failure: Error | undefined;
  /** The memory that the last packet came from, with its view: packets tend to come from the same rings. */
  private from: Uint8Array | undefined;
  private fromView: DataView;

  /**
   * Creates the file, or empties it.
   *
   * @throws NetmapError with the system's code when that is not possible
   */
  constructor(path: string, format: RecordFormat, gzip: boolean) {
    this.path = path;
    this.format = format;
    this.gzip = gzip;
    this.view = this.fromView = viewOf(this.buffer);
    try {
      this.fd = openFile(path, 'w');
    } catch (cause) {
      throw diskError('create', path, cause);
    }
  }

  /** Packets written so far, buffered ones included; after a failure those that the file really holds. */
  get packets(): number {
    return this.count;
  }

  /** Bytes of the file so far, buffered ones included (not compressed yet); after a failure those that the file really holds. */
  get bytes(): number {
    return this.flushed + this.used;
  }

  /** Makes room for a record of `size` bytes. Returns where it begins in the buffer. */
  reserve(size: number): number {
    this.checkOpen();
    if (this.used + size > this.buffer.length) {
      this.flush();
      if (size > this.buffer.length) {
        this.buffer = Buffer.allocUnsafeSlow(size);
        this.view = viewOf(this.buffer);
      }
    }
    return this.used;
  }

  /** The record that was reserved is there. */
  commit(size: number, packets: number): void {
    this.used += size;
    this.count += packets;
  }

  /** A record that is made already. */
  append(record: Uint8Array): void {
    const at = this.reserve(record.length);
    this.buffer.set(record, at);
    this.commit(record.length, 0);
  }

  /** Copies the bytes of a packet to `to` in the buffer. */
  copy(bytes: Uint8Array, offset: number, length: number, to: number): void {
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

  /** Hands everything buffered to the system. */
  flush(): void {
    this.checkOpen();
    if (this.used === 0) return;
    const filled = this.buffer.subarray(0, this.used);
    const bytes = this.gzip ? gzipSync(filled, { level: constants.Z_BEST_SPEED }) : filled;
    let written = 0;
    try {
      while (written < bytes.length) written += writeFile(this.fd, bytes, written, bytes.length - written);
    } catch (cause) {
      this.failure = diskError('write', this.path, cause);
      this.keepWhole(this.gzip ? 0 : written);
      throw this.failure;
    }
    this.flushed += bytes.length;
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
      try {
        closeFile(fd);
      } catch (cause) {
        throw diskError('close', this.path, cause);
      }
    }
  }

  private checkOpen(): void {
    if (this.failure !== undefined) throw this.failure;
    if (this.fd < 0) throw new NetmapError(`${this.path} is closed`, { code: 'ERR_NETMAP_CLOSED' });
  }

  /** After a write that stopped in the middle: cuts the file behind its last whole record, if the file can be cut. */
  private keepWhole(written: number): void {
    const { view, format } = this;
    let whole = 0;
    let packets = this.flushedPackets;
    for (;;) {
      const size = format.sizeOf(view, this.flushed + whole === 0 ? -1 : whole, written - whole);
      if (size === 0 || whole + size > written) break;
      if (this.flushed + whole > 0 && format.isPacket(view, whole)) packets++;
      whole += size;
    }
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

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
