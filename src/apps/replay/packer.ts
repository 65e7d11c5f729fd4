import type { PcapReader } from '../../pcap';
import { LINKTYPE_ETHERNET } from '../../pcap/writer';
import { LITTLE } from '../byte-order';
import { openCapture } from './open-capture';
import { PacketFilter } from './packet-filter';
import { Rewriter, type RewriteRules } from './rewriter';
import { Stations } from './stations';
import { Timeline } from './timeline';

/** Bytes of a piece; a packet that is longer has one of its own. */
export const PIECE = 1 << 20;
/** In front of each frame: when it is due (a double), length and flags (32 bits each). The native part reads it. */
export const RECORD = 16;
const POINT = 1;

/** How the packets of a file are made ready. */
export interface PackOptions {
  file: string;
  /** Bytes of the longest packet that is sent. */
  longest: number;
  /** ns: longer silences are cut to this. */
  maxGap: number;
  /** Rules about which packets are sent, as they are in the file. */
  filter: string | undefined;
  /** Name of the port that sends them. */
  xmit: string;
  rewrite: RewriteRules | undefined;
  /** Whether the switch has to be told where destinations live. */
  point: boolean;
}

/** Packets that are ready to be sent, and what was left out since the piece before. */
export interface Piece {
  type: 'piece';
  buffer: ArrayBuffer;
  /** Bytes of the buffer that are used. */
  used: number;
  packets: number;
  /** Packets that cannot be sent: too long, empty, or not Ethernet. */
  skipped: number;
  /** Packets that the filter did not want. */
  refused: number;
  /** Packets of which the capture holds only the beginning. */
  cut: number;
  /** How much of the file has been read, 0 to 1; undefined where nobody knows. */
  progress: number | undefined;
}

/** The file has been read to its end. */
export interface PassEnd {
  type: 'end';
  packets: number;
  /** ns until it may begin again. */
  span: number;
}

/** Reads a capture from its beginning to its end, and packs it into pieces. */
export class Packer {
  private readonly options: PackOptions;
  private readonly reader: PcapReader;
  private readonly timeline: Timeline;
  private readonly filter: PacketFilter | undefined;
  private readonly rewriter: Rewriter | undefined;
  private readonly stations: Stations | undefined;
  private packets = 0;
  private over = false;
  private failure: unknown;
  /** The next packet has been read already. */
  private ahead = false;
  private packet: ReturnType<PcapReader['next']> = null;

  /** @throws NetmapError when the file cannot be read, is no capture, or not one of Ethernet */
  constructor(options: PackOptions) {
    this.options = options;
    this.reader = openCapture(options.file);
    this.timeline = new Timeline(options.maxGap);
    this.filter = options.filter === undefined ? undefined : new PacketFilter(options.filter, options.xmit);
    this.rewriter = options.rewrite && new Rewriter(options.rewrite);
    this.stations = options.point ? new Stations() : undefined;
  }

  /**
   * The next piece, or the end.
   *
   * @param spare memory to be used again
   * @throws NetmapError at damage, behind everything that came before it
   */
  next(spare: ArrayBuffer | undefined): Piece | PassEnd {
    if (this.failure !== undefined) throw this.failure;
    if (this.over) return { type: 'end', packets: this.packets, span: this.timeline.span };
    let buffer = spare ?? new ArrayBuffer(PIECE);
    let bytes = new Uint8Array(buffer);
    let view = new DataView(buffer);
    const none = { used: 0, packets: 0, skipped: 0, refused: 0, cut: 0 };
    const piece: Piece = { type: 'piece', buffer, ...none, progress: undefined };
    while (this.look(piece)) {
      const packet = this.packet!;
      const { bytes: from, offset, capturedLength: length } = packet;
      const size = RECORD + ((length + 7) & ~7);
      if (piece.used + size > buffer.byteLength) {
        if (piece.used > 0) break;
        piece.buffer = buffer = new ArrayBuffer(size);
        bytes = new Uint8Array(buffer);
        view = new DataView(buffer);
      }
      const at = piece.used + RECORD;
      bytes.set(from.subarray(offset, offset + length), at);
      this.rewriter?.apply(bytes, at, length);
      writeRecord(
        view,
        piece.used,
        this.timeline.place(packet),
        length,
        this.stations?.pass(bytes, at, length) ?? false,
      );
      piece.used += size;
      piece.packets++;
      this.ahead = false;
    }
    this.packets += piece.packets;
    piece.progress = this.reader.progress;
    return piece;
  }

  close(): void {
    this.reader.close();
  }

  /** Makes sure that the next packet that can be sent is at hand; false at the end. */
  private look(piece: Piece): boolean {
    if (this.ahead) return true;
    for (;;) {
      try {
        this.packet = this.reader.next();
      } catch (error) {
        this.failure = error;
        return false;
      }
      if (this.packet === null) {
        this.over = true;
        return false;
      }
      const { capturedLength, originalLength, interfaceId } = this.packet;
      const ethernet = this.reader.interfaces[interfaceId]?.linkType === LINKTYPE_ETHERNET;
      if (!ethernet || capturedLength === 0 || capturedLength > this.options.longest) {
        piece.skipped++;
        continue;
      }
      if (this.filter && !this.filter.wants(this.packet)) {
        piece.refused++;
        continue;
      }
      if (capturedLength < originalLength) piece.cut++;
      return (this.ahead = true);
    }
  }
}

function writeRecord(view: DataView, at: number, due: number, length: number, point: boolean): void {
  view.setFloat64(at, due, LITTLE);
  view.setUint32(at + 8, length, LITTLE);
  view.setUint32(at + 12, point ? POINT : 0, LITTLE);
}
