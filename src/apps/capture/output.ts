import { close, ftruncateSync, openSync, write } from 'node:fs';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { diskError } from '../../pcap/damage';
import type { RecordFormat } from '../../pcap/record-file';

const writeTo = promisify(write);
const closeFd = promisify(close);
const compress = promisify(gzip);

/** The name that stands for standard output. */
export const STANDARD_OUTPUT = '-';

/** What lies in a chunk. */
export interface Load {
  bytes: Buffer;
  /** Packets in it. */
  packets: number;
}

/**
 * A capture file that is written in the background, chunk by chunk, and compressed by gzip where it is to be: each chunk is a
 * member of its own, so that a file that ends early can be read up to there.
 *
 * When the disk fails, the file is cut behind its last whole record.
 */
export class Output {
  readonly path: string;
  /** Bytes that the file holds. */
  bytes = 0;
  /** Packets that the file holds. */
  packets = 0;
  private readonly fd: number;
  private readonly packed: boolean;
  private readonly format: RecordFormat;
  private last: Promise<void> = Promise.resolve();
  private failure: Error | undefined;

  /**
   * Creates the file, or empties it.
   *
   * @throws NetmapError with the system's code
   */
  constructor(path: string, packed: boolean, format: RecordFormat) {
    this.path = path;
    this.packed = packed;
    this.format = format;
    try {
      this.fd = path === STANDARD_OUTPUT ? 1 : openSync(path, 'w');
    } catch (cause) {
      throw diskError('create', path, cause);
    }
  }

  /** Writes whole records behind those before. The bytes must stay as they are until it resolves. */
  write(load: Load): Promise<void> {
    const ready = this.packed ? compress(load.bytes, { level: constants.Z_BEST_SPEED }) : Promise.resolve(load.bytes);
    ready.catch(() => {}); // whoever awaits it hears of it
    return (this.last = this.last.then(async () => this.append(await ready, load)));
  }

  /** Closes the file when everything is written. */
  async close(): Promise<void> {
    await this.last.catch(() => {});
    if (this.fd === 1) return;
    try {
      await closeFd(this.fd);
    } catch (cause) {
      throw diskError('close', this.path, cause);
    }
  }

  private async append(bytes: Buffer, load: Load): Promise<void> {
    if (this.failure) throw this.failure;
    let written = 0;
    try {
      while (written < bytes.length) {
        written += (await writeTo(this.fd, bytes, written, bytes.length - written, null)).bytesWritten;
      }
    } catch (cause) {
      this.failure = diskError('write', this.path === STANDARD_OUTPUT ? 'to standard output' : this.path, cause);
      this.keepWhole(load.bytes, this.packed ? 0 : written);
      throw this.failure;
    }
    this.bytes += written;
    this.packets += load.packets;
  }

  /** Cuts the file behind its last whole record, if it can be cut. */
  private keepWhole(bytes: Buffer, written: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { format } = this;
    let whole = 0;
    for (;;) {
      const first = this.bytes + whole === 0;
      const size = format.sizeOf(view, first ? -1 : whole, written - whole);
      if (size === 0 || whole + size > written) break;
      if (!first && format.isPacket(view, whole)) this.packets++;
      whole += size;
    }
    this.bytes += whole;
    try {
      ftruncateSync(this.fd, this.bytes);
    } catch {
      // A pipe or a device: what went out can't be taken back.
    }
  }
}
