import { Gunzip } from 'minizlib';
import { fstatSync, readSync } from 'node:fs';
import { captureError, diskError } from './damage';
import { closeFile, openFile } from './standard-file';

/** Bytes of a compressed file that are unpacked at once. */
const PACKED_CHUNK = 1 << 16;

/** Where the bytes of a capture come from, front to back. */
export interface Input {
  /** Bytes of the file that have been taken so far: compressed ones where it is compressed. */
  readonly taken: number;
  /** Bytes of the file in all; undefined where nobody knows (pipes). */
  readonly size: number | undefined;
  /** Fills `length` bytes of `into` from `at`, or fewer; 0 = the end. */
  read(into: Buffer, at: number, length: number): number;
  close(): void;
}

/** A file. Pipes and devices are fine: nothing is read twice. */
export class FileInput implements Input {
  taken = 0;
  readonly size: number | undefined;
  private readonly path: string;
  private fd: number;

  /** @throws NetmapError with the system's code */
  constructor(path: string) {
    this.path = path;
    try {
      this.fd = openFile(path, 'r');
    } catch (cause) {
      throw diskError('open', path, cause);
    }
    const stat = fstatSync(this.fd);
    this.size = stat.isFile() ? stat.size : undefined;
  }

  read(into: Buffer, at: number, length: number): number {
    if (this.fd < 0) return 0;
    try {
      const got = readSync(this.fd, into, at, length, null);
      this.taken += got;
      return got;
    } catch (cause) {
      throw diskError('read', this.path, cause);
    }
  }

  close(): void {
    const { fd } = this;
    if (fd < 0) return;
    this.fd = -1;
    try {
      closeFile(fd);
    } catch (cause) {
      throw diskError('close', this.path, cause);
    }
  }
}

/** Memory. */
export class MemoryInput implements Input {
  taken = 0;
  readonly size: number;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.size = bytes.length;
  }

  read(into: Buffer, at: number, length: number): number {
    const got = this.bytes.subarray(this.taken, this.taken + length);
    into.set(got, at);
    this.taken += got.length;
    return got.length;
  }

  close(): void {
    this.taken = this.size;
  }
}

/** Whether these are the first bytes of something compressed by gzip. */
export function isGzip(bytes: Uint8Array, length: number): boolean {
  return length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** What comes out of a gzip'ed file (of one member or several), as it is asked for: no more than a chunk of it is in memory. */
export class GunzipInput implements Input {
  private readonly name: string;
  private readonly packed: Input;
  private readonly gunzip = new Gunzip({});
  private readonly chunk = Buffer.allocUnsafeSlow(PACKED_CHUNK);
  /** What has been unpacked and not been asked for yet. */
  private ready: Buffer[] = [];
  private unpacked = 0;
  private ended = false;
  private failure: Error | undefined;

  /**
   * @param name for messages
   * @param packed the file
   * @param start bytes of it that have been read already
   */
  constructor(name: string, packed: Input, start: Uint8Array) {
    this.name = name;
    this.packed = packed;
    this.gunzip.on('data', (data: Buffer) => this.ready.push(data));
    this.gunzip.on('error', (error: unknown) => (this.failure ??= error as Error));
    if (start.length > 0) this.gunzip.write(Buffer.from(start));
  }

  get taken(): number {
    return this.packed.taken;
  }

  get size(): number | undefined {
    return this.packed.size;
  }

  read(into: Buffer, at: number, length: number): number {
    while (this.ready.length === 0 && !this.ended) this.unpack();
    const first = this.ready[0];
    // What was unpacked before the damage is given first.
    if (first === undefined) {
      if (this.failure) throw this.damage(this.failure);
      return 0;
    }
    const got = first.copy(into, at, 0, length);
    if (got === first.length) this.ready.shift();
    else this.ready[0] = first.subarray(got);
    this.unpacked += got;
    return got;
  }

  close(): void {
    this.ready = [];
    this.ended = true;
    this.failure = undefined;
    this.gunzip.close();
    this.packed.close();
  }

  /** Unpacks one more chunk. */
  private unpack(): void {
    const got = this.failure ? 0 : this.packed.read(this.chunk, 0, this.chunk.length);
    if (got > 0) {
      this.gunzip.write(this.chunk.subarray(0, got));
    } else {
      this.ended = true;
      if (!this.failure) this.gunzip.end();
    }
  }

  private damage(cause: Error): Error {
    const problem = `expected more gzip'ed data, found damage behind this byte of what is unpacked (${cause.message})`;
    return captureError(
      this.name,
      this.unpacked,
      problem,
      'the file is cut off or damaged; everything before is intact',
    );
  }
}
