/** Blocks of a pcapng file (little-endian), as in the draft "PCAP Next Generation Capture File Format" of the IETF. */

import { arch, release, type } from 'node:os';
import { viewOf } from './record-file';

export const BLOCK_SECTION = 0x0a0d0d0a;
export const BLOCK_INTERFACE = 1;
export const BLOCK_OLD_PACKET = 2;
export const BLOCK_SIMPLE_PACKET = 3;
export const BLOCK_INTERFACE_STATISTICS = 5;
export const BLOCK_ENHANCED_PACKET = 6;

export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Bytes that every block has besides its body: type, length, and the length again. */
export const FRAMING = 12;

/** Options that several kinds of blocks have. */
export const OPTION_END = 0;
export const OPTION_COMMENT = 1;

/** An option: its code, and its value as text, as a 64-bit number, or as bytes. */
type Option = readonly [code: number, value: string | number | bigint | Uint8Array | undefined];

/** A time in units of a nanosecond: the upper half first. */
export interface Halves {
  high: number;
  low: number;
}

/** A time in nanoseconds as two halves of 32 bits, without a number above 2^53 on the way. */
export function nanosecondHalves(seconds: number, nanoseconds: number, into: Halves): Halves {
  const lower = (seconds % 0x10000) * 1e9 + nanoseconds;
  const upper = Math.floor(seconds / 0x10000) * 1e9;
  const rest = (upper % 0x10000) * 0x10000 + lower;
  into.high = Math.floor(upper / 0x10000) + Math.floor(rest / 0x100000000);
  into.low = rest % 0x100000000;
  return into;
}

/** Begins a section: byte order and version, and what wrote it. */
export function sectionBlock(comment?: string): Uint8Array {
  const fixed = new Uint8Array(16);
  const view = viewOf(fixed);
  view.setUint32(0, BYTE_ORDER_MAGIC, true);
  view.setUint16(4, 1, true);
  view.setBigInt64(8, -1n, true); // nobody knows yet how long the section gets
  return block(BLOCK_SECTION, fixed, [
    [OPTION_COMMENT, comment],
    [2, arch()],
    [3, `${type()} ${release()}`],
    [4, 'node-netmap'],
  ]);
}

/** What a pcapng file tells about an interface. */
export interface InterfaceDescription {
  /** Link type of its packets, Ethernet (1) by default. */
  linkType?: number;
  /** Most bytes of a packet that are kept; 0 = no limit. 262144 by default. */
  snaplen?: number;
  /** Its name, for example that of a port. */
  name?: string;
  description?: string;
  /** What was filtered out, in words. */
  filter?: string;
}

/** Describes an interface, with times in nanoseconds. */
export function interfaceBlock({
  linkType = 1,
  snaplen = 0,
  name,
  description,
  filter,
}: InterfaceDescription): Uint8Array {
  const fixed = new Uint8Array(8);
  viewOf(fixed).setUint16(0, linkType, true);
  viewOf(fixed).setUint32(4, snaplen, true);
  return block(BLOCK_INTERFACE, fixed, [
    [2, name],
    [3, description],
    [9, Uint8Array.of(9)], // if_tsresol: 10^-9 s
    [11, filter === undefined ? undefined : Buffer.concat([Uint8Array.of(0), Buffer.from(filter)])],
  ]);
}

/** Counters of an interface, see {@link PcapngWriter.statistics}. What is left out is not known. */
export interface InterfaceStatistics {
  /** When the capture began and ended: seconds since 1970, and nanoseconds within the second. */
  start?: readonly [seconds: number, nanoseconds: number];
  end?: readonly [seconds: number, nanoseconds: number];
  /** Packets that arrived at the interface. */
  received?: number;
  /** Packets that were lost because nobody took them in time. */
  dropped?: number;
  /** Packets that a filter took. */
  accepted?: number;
  /** Packets that the operating system dropped after that. */
  droppedBySystem?: number;
  /** Packets handed to the user: those in the file. */
  delivered?: number;
}

/** Counters of an interface until now. */
export function statisticsBlock(
  interfaceId: number,
  seconds: number,
  nanoseconds: number,
  statistics: InterfaceStatistics,
): Uint8Array {
  const fixed = new Uint8Array(12);
  const view = viewOf(fixed);
  const time = nanosecondHalves(seconds, nanoseconds, { high: 0, low: 0 });
  view.setUint32(0, interfaceId, true);
  view.setUint32(4, time.high, true);
  view.setUint32(8, time.low, true);
  const { start, end, received, dropped, accepted, droppedBySystem, delivered } = statistics;
  return block(BLOCK_INTERFACE_STATISTICS, fixed, [
    [2, start && timeBytes(start)],
    [3, end && timeBytes(end)],
    [4, received],
    [5, dropped],
    [6, accepted],
    [7, droppedBySystem],
    [8, delivered],
  ]);
}

/** A time as options have it: the upper half first. */
function timeBytes([seconds, nanoseconds]: readonly [number, number]): Uint8Array {
  const bytes = new Uint8Array(8);
  const { high, low } = nanosecondHalves(seconds, nanoseconds, { high: 0, low: 0 });
  viewOf(bytes).setUint32(0, high, true);
  viewOf(bytes).setUint32(4, low, true);
  return bytes;
}

/** A block: its fixed fields, then options. */
function block(type: number, fixed: Uint8Array, options: readonly Option[]): Uint8Array {
  const parts: Uint8Array[] = [fixed, ...options.flatMap(optionBytes)];
  if (parts.length > 1) parts.push(new Uint8Array(4)); // the end of the options
  const length = FRAMING + parts.reduce((sum, part) => sum + part.length, 0);
  const frame = new Uint8Array(8);
  viewOf(frame).setUint32(0, type, true);
  viewOf(frame).setUint32(4, length, true);
  return Buffer.concat([frame, ...parts, frame.subarray(4)]);
}

/** Most bytes of an option's value: its length has 16 bits. */
const MOST_OPTION = 0xfffc;

function optionBytes([code, value]: Option): Uint8Array[] {
  if (value === undefined) return [];
  const bytes = valueBytes(value).subarray(0, MOST_OPTION);
  const option = new Uint8Array(4 + ((bytes.length + 3) & ~3));
  viewOf(option).setUint16(0, code, true);
  viewOf(option).setUint16(2, bytes.length, true);
  option.set(bytes, 4);
  return [option];
}

function valueBytes(value: string | number | bigint | Uint8Array): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value);
  if (typeof value === 'object') return value;
  const bytes = new Uint8Array(8);
  viewOf(bytes).setBigUint64(0, BigInt(value), true);
  return bytes;
}
