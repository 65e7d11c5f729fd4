import { checkBoolean, checkInteger, checkString, outOfRange } from '../check';
import {
  BLOCK_ENHANCED_PACKET,
  FRAMING,
  interfaceBlock,
  nanosecondHalves,
  OPTION_COMMENT,
  sectionBlock,
  statisticsBlock,
  type InterfaceDescription,
  type InterfaceStatistics,
} from './blocks';
import { CaptureWriter } from './capture-writer';
import { MAX_PACKET } from './decoder';
import { formatOf } from './file-names';
import type { RecordFormat } from './record-file';
import { DEFAULT_SNAPLEN, LINKTYPE_ETHERNET } from './writer';

/** Bytes of a packet's block besides the packet and its options. */
export const PACKET_HEADER = 28;
const PACKET_FRAMING = PACKET_HEADER + 4;

/** Longest comment of a packet. */
const MAX_COMMENT = 0xfff0;

/** How blocks of a pcapng capture are told apart. */
export const PCAPNG_FORMAT: RecordFormat = {
  sizeOf: (view, at, left) => (left < FRAMING ? 0 : view.getUint32((at < 0 ? 0 : at) + 4, true)),
  isPacket: (view, at) => view.getUint32(at, true) === BLOCK_ENHANCED_PACKET,
};

/** What {@link PcapngWriter.create} takes. */
export interface PcapngWriterOptions {
  /** The interfaces, in the order of their numbers. By default one of Ethernet; more may come later. */
  interfaces?: readonly InterfaceDescription[];
  /** Something to know about the whole capture. */
  comment?: string;
  /** Compresses it. By default what the name says: `.gz`. */
  gzip?: boolean;
}

/**
 * Writes a pcapng capture (little-endian, one section, times in nanoseconds), through a buffer of 1 MiB: several interfaces,
 * comments on packets, and counters of what was dropped. Failures of the disk are as with {@link PcapWriter}.
 *
 * ```ts
 * using file = PcapngWriter.create('out.pcapng', { interfaces: [{ name: 'vale0:a' }] });
 * file.write(frame, 0, 60, 60, 1_800_000_000, 0, 0, 'the first one');
 * file.statistics(0, { received: 1, dropped: 0 });
 * ```
 */
export class PcapngWriter extends CaptureWriter {
  private readonly snaplens: number[] = [];
  private readonly time = { high: 0, low: 0 };

  private constructor(path: string, gzip: boolean, comment: string | undefined) {
    super(path, PCAPNG_FORMAT, gzip);
    this.file.append(sectionBlock(comment));
  }

  /**
   * Creates the file, or empties it.
   *
   * @throws NetmapError with the system's code when that is not possible
   */
  static create(path: string, options: PcapngWriterOptions = {}): PcapngWriter {
    checkString('path', path);
    const { interfaces = [{}], comment } = options;
    for (const each of interfaces) checkInterface(each);
    const gzip = checkBoolean('gzip', options.gzip ?? formatOf(path).gzip);
    const writer = new PcapngWriter(path, gzip, comment);
    for (const each of interfaces) writer.addInterface(each);
    return writer;
  }

  /** Adds an interface. Returns its number. */
  addInterface(description: InterfaceDescription = {}): number {
    const { linkType = LINKTYPE_ETHERNET, snaplen = DEFAULT_SNAPLEN } = checkInterface(description);
    this.file.append(interfaceBlock({ ...description, linkType, snaplen }));
    return this.snaplens.push(snaplen === 0 ? MAX_PACKET : snaplen) - 1;
  }

  /**
   * Writes one packet; what is longer than the interface's `snaplen` is cut.
   *
   * @param bytes Memory that holds it
   * @param offset Where it starts, 0 by default
   * @param length Its length, by default all behind `offset`
   * @param originalLength Its length on the wire, `length` by default
   * @param seconds Time: whole seconds since 1970
   * @param nanoseconds Time: nanoseconds within the second
   * @param interfaceId Number of the interface, 0 by default
   * @param comment Something to know about the packet; programs such as Wireshark show it
   * @throws NetmapError with the system's code when the disk fails, RangeError when the packet doesn't lie in `bytes`
   */
  write(
    bytes: Uint8Array,
    offset = 0,
    length = bytes.length - offset,
    originalLength = length,
    seconds = 0,
    nanoseconds = 0,
    interfaceId = 0,
    comment?: string,
  ): void {
    if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) {
      throw outOfRange('offset, length', `a range within ${bytes.length} bytes`, [offset, length]);
    }
    const snaplen = this.snaplens[interfaceId];
    if (snaplen === undefined) {
      throw outOfRange('interfaceId', `an integer from 0 to ${this.snaplens.length - 1}`, interfaceId);
    }
    const { file, time } = this;
    const kept = length > snaplen ? snaplen : length;
    const padded = (kept + 3) & ~3;
    const note = comment === undefined ? undefined : Buffer.from(comment).subarray(0, MAX_COMMENT);
    const noteSize = note === undefined ? 0 : 8 + ((note.length + 3) & ~3);
    const size = PACKET_FRAMING + padded + noteSize;
    const at = file.reserve(size);
    const { view } = file;
    nanosecondHalves(seconds, nanoseconds, time);
    view.setUint32(at, BLOCK_ENHANCED_PACKET, true);
    view.setUint32(at + 4, size, true);
    view.setUint32(at + 8, interfaceId, true);
    view.setUint32(at + 12, time.high, true);
    view.setUint32(at + 16, time.low, true);
    view.setUint32(at + 20, kept, true);
    view.setUint32(at + 24, originalLength, true);
    // Zeros behind a length that is no multiple of four: the packet itself goes over them.
    if (padded > kept) view.setUint32(at + PACKET_HEADER + padded - 4, 0, true);
    file.copy(bytes, offset, kept, at + PACKET_HEADER);
    if (note !== undefined) this.note(note, at + PACKET_HEADER + padded, noteSize);
    view.setUint32(at + size - 4, size, true);
    file.commit(size, 1);
  }

  /**
   * Writes counters of an interface: what arrived, what was dropped, what was kept. Readers take the last ones for the whole.
   *
   * @param seconds When that was: whole seconds since 1970, now by default
   * @param nanoseconds Nanoseconds within the second
   */
  statistics(interfaceId: number, statistics: InterfaceStatistics, seconds?: number, nanoseconds = 0): void {
    checkInteger('interfaceId', interfaceId, 0, this.snaplens.length - 1);
    const now = Date.now();
    const at = seconds ?? Math.floor(now / 1000);
    const fraction = seconds === undefined ? (now % 1000) * 1e6 : nanoseconds;
    this.file.append(statisticsBlock(interfaceId, at, fraction, statistics));
  }

  private note(note: Uint8Array, at: number, size: number): void {
    const { view } = this.file;
    for (let k = 0; k < size; k += 4) view.setUint32(at + k, 0, true);
    view.setUint16(at, OPTION_COMMENT, true);
    view.setUint16(at + 2, note.length, true);
    this.file.copy(note, 0, note.length, at + 4);
  }
}

function checkInterface(description: InterfaceDescription): InterfaceDescription {
  const { linkType, snaplen } = description;
  if (linkType !== undefined) checkInteger('linkType', linkType, 0, 0xffff);
  if (snaplen !== undefined) checkInteger('snaplen', snaplen, 0, MAX_PACKET);
  return description;
}
