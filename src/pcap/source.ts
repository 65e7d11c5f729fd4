import { FileInput, GunzipInput, isGzip, MemoryInput, type Input } from './input';

/** Bytes read from a file at once. */
const BUFFER_SIZE = 1 << 20;

/**
 * The bytes of a capture, front to back: a file read through one buffer that is used over and over, or memory. What is
 * compressed by gzip is unpacked on the way.
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
  private input: Input | undefined;

  private constructor(name: string, bytes: Buffer, end: number, input: Input | undefined) {
    this.name = name;
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.end = end;
    this.input = input;
  }

  /**
   * Opens a file. Pipes and devices are fine: nothing is ever read twice.
   *
   * @throws NetmapError with the system's code
   */
  static open(path: string): ByteSource {
    const file = new FileInput(path);
    try {
      const buffer = Buffer.allocUnsafeSlow(BUFFER_SIZE);
      let got = 0;
      for (let more = 1; got < 2 && more > 0; got += more) more = file.read(buffer, got, buffer.length - got);
      if (!isGzip(buffer, got)) return new ByteSource(path, buffer, got, file);
      return new ByteSource(path, buffer, 0, new GunzipInput(path, file, buffer.subarray(0, got)));
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Takes bytes that are in memory already; they aren't copied unless they are compressed. */
  static from(bytes: Uint8Array, name: string): ByteSource {
    if (isGzip(bytes, bytes.length)) {
      const input = new GunzipInput(name, new MemoryInput(bytes), new Uint8Array(0));
      return new ByteSource(name, Buffer.allocUnsafeSlow(BUFFER_SIZE), 0, input);
    }
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new ByteSource(name, buffer, bytes.byteLength, undefined);
  }

  /** How much of the file has been read, 0 to 1; undefined where nobody knows its size. */
  get progress(): number | undefined {
    const { input } = this;
    if (input === undefined) return this.end === 0 ? 1 : this.at / this.end;
    // What lies in the buffer has been read but not been used yet; compressed, it was less.
    const unused = input instanceof GunzipInput ? 0 : this.buffered;
    return input.size === undefined ? undefined : input.size === 0 ? 1 : (input.taken - unused) / input.size;
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
    const { input } = this;
    this.input = undefined;
    input?.close();
  }

  private fill(count: number): boolean {
    const { input } = this;
    if (input === undefined) return false;
    this.bytes.copyWithin(0, this.at, this.end);
    this.base += this.at;
    this.end -= this.at;
    this.at = 0;
    while (this.end < count) {
      // Growing with what really arrived, not with what a damaged length field claims.
      if (this.end === this.bytes.length) this.grow();
      const got = input.read(this.bytes, this.end, this.bytes.length - this.end);
      if (got === 0) return false;
      this.end += got;
    }
    return true;
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
