import { RecordFile, type RecordFormat } from './record-file';

/** What writers of all formats have in common. */
export abstract class CaptureWriter {
  protected readonly file: RecordFile;

  protected constructor(path: string, format: RecordFormat) {
    this.file = new RecordFile(path, format);
  }

  /** Path of the file. */
  get path(): string {
    return this.file.path;
  }

  /** Packets written so far, buffered ones included; after a failure those that the file really holds. */
  get packets(): number {
    return this.file.packets;
  }

  /** Bytes of the file so far, buffered ones included; after a failure those that the file really holds. */
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
