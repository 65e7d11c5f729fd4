import { NetmapError } from '../errors';
import type { CapturedPacket } from './packet';
import { PcapReader } from './reader';

/** How two captures first differ. */
export interface PacketDifference {
  /** Number of the packet, counted from 0. */
  index: number;
  /**
   * - `missing`: only one of the two captures has a packet here
   * - `length`: the captured lengths differ
   * - `bytes`: same length, other contents
   * - `original-length`: same bytes, but the lengths on the wire differ
   */
  kind: 'missing' | 'length' | 'bytes' | 'original-length';
  /** Byte of the packet where the contents first differ, for `bytes`. */
  offset?: number;
  /** Captured (for `original-length`: original) length in the first capture; absent when `missing` there. */
  lengthA?: number;
  /** The same of the second capture. */
  lengthB?: number;
}

/** Result of {@link comparePackets}. */
export interface PacketComparison {
  /** True when both hold the same packets in the same order. */
  same: boolean;
  /** Packets in the first capture. */
  packetsA: number;
  /** Packets in the second capture. */
  packetsB: number;
  /** Captured bytes in the first capture. */
  bytesA: number;
  /** Captured bytes in the second capture. */
  bytesB: number;
  /** Where they differ first. */
  difference?: PacketDifference;
  /** The damage that ended the first capture early; the packets before it were compared. */
  damageA?: NetmapError;
  /** The damage that ended the second capture early. */
  damageB?: NetmapError;
}

/** What {@link comparePackets} takes besides the captures. */
export interface CompareOptions {
  /** Compare the lengths on the wire too, true by default. A replayed packet that was cut before has lost its own. */
  originalLengths?: boolean;
}

/**
 * Compares the packets of two captures, in order: bytes and lengths. Times, formats and interfaces don't matter. Both
 * are read to their ends, so the counts are complete even when the first packets differ already.
 *
 * @param a Path, or a whole capture in memory
 * @param b Path, or a whole capture in memory
 * @throws NetmapError when either can't be opened or is no capture at all
 */
export function comparePackets(
  a: string | Uint8Array,
  b: string | Uint8Array,
  options: CompareOptions = {},
): PacketComparison {
  const { originalLengths = true } = options;
  const sideA = new Side(a);
  try {
    const sideB = new Side(b);
    try {
      return compareSides(sideA, sideB, originalLengths);
    } finally {
      sideB.reader.close();
    }
  } finally {
    sideA.reader.close();
  }
}

/** One of the two captures, counted while it is read. */
class Side {
  readonly reader: PcapReader;
  packets = 0;
  bytes = 0;
  damage: NetmapError | undefined;

  constructor(capture: string | Uint8Array) {
    this.reader = typeof capture === 'string' ? PcapReader.open(capture) : PcapReader.from(capture);
  }

  /** The next packet; null at the end and at damage. */
  next(): CapturedPacket | null {
    if (this.damage !== undefined) return null;
    try {
      const packet = this.reader.next();
      if (packet === null) return null;
      this.packets++;
      this.bytes += packet.capturedLength;
      return packet;
    } catch (error) {
      if (!(error instanceof NetmapError && error.code === 'ERR_NETMAP_CAPTURE')) throw error;
      this.damage = error;
      return null;
    }
  }
}

function compareSides(sideA: Side, sideB: Side, originalLengths: boolean): PacketComparison {
  let difference: PacketDifference | undefined;
  for (let index = 0; ; index++) {
    const a = sideA.next();
    const b = sideB.next();
    if (a === null && b === null) break;
    difference ??= comparePair(index, a, b, originalLengths);
  }
  return {
    same: difference === undefined,
    packetsA: sideA.packets,
    packetsB: sideB.packets,
    bytesA: sideA.bytes,
    bytesB: sideB.bytes,
    ...(difference === undefined ? {} : { difference }),
    ...(sideA.damage === undefined ? {} : { damageA: sideA.damage }),
    ...(sideB.damage === undefined ? {} : { damageB: sideB.damage }),
  };
}

function comparePair(
  index: number,
  a: CapturedPacket | null,
  b: CapturedPacket | null,
  originalLengths: boolean,
): PacketDifference | undefined {
  if (a === null || b === null) {
    return {
      index,
      kind: 'missing',
      ...(a === null ? {} : { lengthA: a.capturedLength }),
      ...(b === null ? {} : { lengthB: b.capturedLength }),
    };
  }
  const lengthA = a.capturedLength;
  const lengthB = b.capturedLength;
  if (lengthA !== lengthB) return { index, kind: 'length', lengthA, lengthB };
  const offset = firstDifference(a, b);
  if (offset >= 0) return { index, kind: 'bytes', offset, lengthA, lengthB };
  if (originalLengths && a.originalLength !== b.originalLength) {
    return { index, kind: 'original-length', lengthA: a.originalLength, lengthB: b.originalLength };
  }
  return undefined;
}

/** Index of the first byte that differs, or -1. */
function firstDifference(a: CapturedPacket, b: CapturedPacket): number {
  if (Buffer.compare(a.data, b.data) === 0) return -1;
  let at = 0;
  while (a.bytes[a.offset + at] === b.bytes[b.offset + at]) at++;
  return at;
}
