import { RecordFile, type RecordFormat } from './record-file';

/** What writers of all formats have in common. */
export abstract class CaptureWriter {
  protected readonly file: RecordFile;

  protected constructor(path: string, format: RecordFormat, gzip: boolean) {
    this.file = new RecordFile(path, format, gzip);
  }

  /**
   * Writes one packet; what is longer than the `snaplen` is cut.
   *
   * @param bytes Memory that holds it
   * @param offset Where it starts, 0 by default
   * @param length Its length, by default all behind `offset`
   * @param originalLength Its length on the wire, `length` by default
   * @param seconds Time: whole seconds since 1970
   * @param nanoseconds Time: nanoseconds within the second
   * @throws NetmapError with the system's code when the disk fails, RangeError when the packet doesn't lie in `bytes`
   */
  abstract write(
    bytes: Uint8Array,
    offset?: number,
    length?: number,
    originalLength?: number,
    seconds?: number,
    nanoseconds?: number,
  ): void;

  /** Path of the file. */
  get path(): string {
    return this.file.path;
  }

  /** Packets written so far, buffered ones included; after a failure those that the file really holds. */
  get packets(): number {
    return this.file.packets;
  }

  /** Bytes of the file so far, buffered ones included (not compressed yet); after a failure those that the file really holds. */
  get bytes(): number {
    return this.file.bytes;
  }

  /** Hands everything buffered to the system. */
  flush(): void {
    this.file.flush();
  }

  /** Writes what is left and closes the file. Closing twice is fine. */
  close(): void {
    this.file.close();
  }

  /** Closes the file at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }
}
