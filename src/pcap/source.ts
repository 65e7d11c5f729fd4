import { closeSync, openSync, readSync } from 'node:fs';
import { diskError } from './damage';

/** Bytes read from a file at once. */
const BUFFER_SIZE = 1 << 20;

/**
 * The bytes of a capture, front to back: a file read through one buffer that is used over and over, or memory.
 *
 * `has(n)` makes the next `n` bytes addressable as `bytes[at]` to `bytes[at + n - 1]`. It may move or replace the
 * buffer: what was taken from `bytes`, `view` or `at` before has to be taken again.
 */
export class ByteSource {
  /** Name for messages. */
  readonly name: string;
  /** The buffer. */
  bytes: Buffer;
  /** The same memory, for fields of several bytes. */
  view: DataView;
  /** Index of the next byte in `bytes`. */
  at = 0;
  private end: number;
  /** Offset in the file of `bytes[0]`. */
  private base = 0;
  private fd: number;

  private constructor(name: string, bytes: Buffer, end: number, fd: number) {
    this.name = name;
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.end = end;
    this.fd = fd;
  }

  /**
   * Opens a file. Pipes and devices are fine: nothing is ever read twice.
   *
   * @throws NetmapError with the system's code
   */
  static open(path: string): ByteSource {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (cause) {
      throw diskError('open', path, cause);
    }
    return new ByteSource(path, Buffer.allocUnsafeSlow(BUFFER_SIZE), 0, fd);
  }

  /** Takes bytes that are in memory already; they aren't copied. */
  static from(bytes: Uint8Array, name: string): ByteSource {
    return new ByteSource(name, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), bytes.byteLength, -1);
  }

  /** Offset in the file of the next byte. */
  get offset(): number {
    return this.base + this.at;
  }

  /** Number of bytes at `at` that can be addressed without reading. */
  get buffered(): number {
    return this.end - this.at;
  }

  /** Makes sure that `count` bytes are at hand; false when the file ends before. */
  has(count: number): boolean {
    return this.end - this.at >= count || this.fill(count);
  }

  /** Steps over `count` bytes; false when the file ends before. */
  skip(count: number): boolean {
    let left = count;
    while (left > this.buffered) {
      left -= this.buffered;
      this.at = this.end;
      if (!this.fill(1)) return false;
    }
    this.at += left;
    return true;
  }

  /** Closes the file; what is in the buffer stays readable. */
  close(): void {
    const { fd } = this;
    if (fd < 0) return;
    this.fd = -1;
    try {
      closeSync(fd);
    } catch (cause) {
      throw diskError('close', this.name, cause);
    }
  }

  private fill(count: number): boolean {
    if (this.fd < 0) return false;
    this.bytes.copyWithin(0, this.at, this.end);
    this.base += this.at;
    this.end -= this.at;
    this.at = 0;
    while (this.end < count) {
      // Growing with what really arrived, not with what a damaged length field claims.
      if (this.end === this.bytes.length) this.grow();
      const got = this.read();
      if (got === 0) return false;
      this.end += got;
    }
    return true;
  }

  private read(): number {
    try {
      return readSync(this.fd, this.bytes, this.end, this.bytes.length - this.end, null);
    } catch (cause) {
      throw diskError('read', this.name, cause);
    }
  }

  private grow(): void {
    const bytes = Buffer.allocUnsafeSlow(this.bytes.length * 2);
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
