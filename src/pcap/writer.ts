import { checkBoolean, checkInteger, checkString, outOfRange } from '../check';
import { CaptureWriter } from './capture-writer';
import { FILE_HEADER, MAGIC_MICRO, MAGIC_NANO, RECORD_HEADER } from './classic';
import { MAX_PACKET } from './decoder';
import { formatOf } from './file-names';
import { viewOf, type RecordFormat } from './record-file';

/** The longest packet kept by default: what tcpdump takes. */
export const DEFAULT_SNAPLEN = 262144;

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
  /** Compresses it. By default what the name says: `.gz`. */
  gzip?: boolean;
}

type ClassicOptions = Required<Omit<PcapWriterOptions, 'gzip'>>;

/** The first bytes of a classic capture (little-endian, version 2.4). */
export function classicHeader({ linkType, snaplen, nanoseconds }: ClassicOptions): Uint8Array {
  const header = new Uint8Array(FILE_HEADER);
  const view = viewOf(header);
  view.setUint32(0, nanoseconds ? MAGIC_NANO : MAGIC_MICRO, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, snaplen, true);
  view.setUint32(20, linkType, true);
  return header;
}

/** How records of a classic capture are told apart. */
export const PCAP_FORMAT: RecordFormat = {
  sizeOf(view, at, left) {
    if (at < 0) return FILE_HEADER;
    return left < RECORD_HEADER ? 0 : RECORD_HEADER + view.getUint32(at + 8, true);
  },
  isPacket: () => true,
};

/**
 * Writes a classic capture (little-endian, version 2.4), through a buffer of 1 MiB.
 *
 * When the disk fails, a NetmapError with the system's code (`ENOSPC`, ...) and the path is thrown, and the file is cut
 * back to its last whole packet, so that what it holds can be read.
 */
export class PcapWriter extends CaptureWriter {
  /** Most bytes of a packet that are kept. */
  readonly snaplen: number;
  /** Nanoseconds in one unit of the fraction field. */
  private readonly unit: number;

  private constructor(path: string, gzip: boolean, options: ClassicOptions) {
    super(path, PCAP_FORMAT, gzip);
    this.snaplen = options.snaplen;
    this.unit = options.nanoseconds ? 1 : 1000;
    this.file.append(classicHeader(options));
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
    const gzip = checkBoolean('gzip', options.gzip ?? formatOf(path).gzip);
    return new PcapWriter(path, gzip, { linkType, snaplen, nanoseconds });
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
    const { file, snaplen } = this;
    const kept = length > snaplen ? snaplen : length;
    const at = file.reserve(RECORD_HEADER + kept);
    const { view } = file;
    view.setUint32(at, seconds, true);
    view.setUint32(at + 4, nanoseconds / this.unit, true);
    view.setUint32(at + 8, kept, true);
    view.setUint32(at + 12, originalLength, true);
    file.copy(bytes, offset, kept, at + RECORD_HEADER);
    file.commit(RECORD_HEADER + kept, 1);
  }
}
