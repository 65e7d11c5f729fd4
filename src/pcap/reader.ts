import { checkBytes, checkString } from '../check';
import { ClassicDecoder, isClassic } from './classic';
import type { CaptureInterface, Decoder } from './decoder';
import { foreignFile } from './foreign';
import { CapturedPacket } from './packet';
import { isPcapng, PcapngDecoder } from './pcapng';
import { ByteSource } from './source';

/**
 * Reads a capture, classic pcap or pcapng, compressed by gzip or not, packet by packet. Files may be larger than memory: one
 * buffer of 1 MiB serves for all of it.
 *
 * ```ts
 * const reader = PcapReader.open('file.pcap');
 * for (const packet of reader) console.log(packet.seconds, packet.data);
 * ```
 *
 * A damaged file yields all packets before the damage; then `next` throws a NetmapError with code `ERR_NETMAP_CAPTURE`
 * whose message names file, byte offset and what was expected. The file is closed at its end and at damage; who stops
 * earlier calls `close`.
 */
export class PcapReader implements Iterable<CapturedPacket> {
  /** Name of the file. */
  readonly name: string;
  private readonly source: ByteSource;
  private readonly decoder: Decoder;
  private readonly packet = new CapturedPacket();
  private done = false;
  private failure: unknown;

  private constructor(source: ByteSource) {
    this.source = source;
    this.name = source.name;
    try {
      this.decoder = decoderFor(source);
    } catch (error) {
      source.close();
      throw error;
    }
  }

  /**
   * Opens a file.
   *
   * @throws NetmapError with code `ERR_NETMAP_CAPTURE` when it is no capture, or with the system's code (`ENOENT`, ...)
   */
  static open(path: string): PcapReader {
    return new PcapReader(ByteSource.open(checkString('path', path)));
  }

  /**
   * Reads a capture that is in memory. Its packets are views of that memory and stay valid as long as it does.
   *
   * @param bytes The whole file
   * @param name What to call it in messages
   */
  static from(bytes: Uint8Array, name = 'capture'): PcapReader {
    return new PcapReader(ByteSource.from(checkBytes('bytes', bytes), name));
  }

  /** Format of the file. */
  get format(): 'pcap' | 'pcapng' {
    return this.decoder.format;
  }

  /** The interfaces described so far; a pcapng file may bring more later on. */
  get interfaces(): readonly CaptureInterface[] {
    return this.decoder.interfaces;
  }

  /** Link type of the (first) interface, 1 for Ethernet; undefined in a pcapng file that describes none. */
  get linkType(): number | undefined {
    return this.decoder.interfaces[0]?.linkType;
  }

  /** Most bytes of a packet that the (first) interface kept, 0 = no limit. */
  get snaplen(): number {
    return this.decoder.interfaces[0]?.snaplen ?? 0;
  }

  /** Byte offset behind the last packet read, in what is unpacked where the file is compressed. */
  get position(): number {
    return this.source.offset;
  }

  /** How much of the file has been read, 0 to 1; undefined where nobody knows its size (pipes). */
  get progress(): number | undefined {
    return this.source.progress;
  }

  /**
   * Reads the next packet.
   *
   * @returns The packet, the same object each time, or null at the end
   * @throws NetmapError (`ERR_NETMAP_CAPTURE`) at damage, and again on each further call
   */
  next(): CapturedPacket | null {
    if (this.failure !== undefined) throw this.failure;
    if (this.done) return null;
    try {
      if (this.decoder.next(this.packet)) return this.packet;
    } catch (error) {
      this.failure = error;
      this.source.close();
      throw error;
    }
    this.close();
    return null;
  }

  /** All packets that are left. Each step yields the same object, filled anew. */
  *[Symbol.iterator](): Iterator<CapturedPacket, undefined, undefined> {
    for (let packet = this.next(); packet !== null; packet = this.next()) yield packet;
  }

  /** Closes the file; `next` returns null from then on. Closing twice is fine. */
  close(): void {
    this.done = true;
    this.source.close();
  }

  /** Closes the file at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }
}

function decoderFor(source: ByteSource): Decoder {
  if (isClassic(source)) return new ClassicDecoder(source);
  if (isPcapng(source)) return new PcapngDecoder(source);
  throw foreignFile(source);
}
