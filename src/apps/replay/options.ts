import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { checkBoolean, checkInteger, checkObject, checkString, outOfRange, wrongType, wrongValue } from '../../check';
import { Port } from '../../port';
import { parseFilter } from '../filter';
import { checkHook, type BatchHook, type FrameHook } from '../frame-hook';
import type { SenderStats } from '../generator';
import type { Rewrite } from './rewriter';

/** What {@link Replay} takes besides the port; all but `file` has a default. */
export interface ReplayOptions {
  /** The capture: pcap or pcapng, compressed by gzip or not. `-` is standard input. */
  file: string;
  /** 2 = twice as fast as captured, Infinity = as fast as possible; 1 by default. */
  speed?: number;
  /**
   * A constant rate instead of the capture's own times: packets per second, or text: `'1.5Mpps'`, `'2.5Gbps'` (on the wire, with CRC,
   * preamble and gap), `'40%'` of `line`.
   */
  rate?: number | string;
  /** Bits per second of the line that percents of the rate are of; 10^10 by default. */
  line?: number;
  /** How often the capture is sent, 0 = for ever; 1 by default. */
  loop?: number;
  /** Packets to send; default: no end. */
  count?: number;
  /** Seconds until it ends; default: never. */
  duration?: number;
  /** Silences that are longer, in seconds of the capture, are cut to this; default: they stay. */
  maxGap?: number;
  /**
   * Whether to read all of the file into memory before the first packet is sent. Otherwise another thread reads it meanwhile, anew for
   * each pass: so it may be larger than memory. By default true for files up to 64 MiB that are not compressed, and for a pipe that is
   * to be sent several times.
   */
  preload?: boolean;
  /**
   * Which packets to send: rules as text, see {@link Filter} (another thread reads the file, so not a `Ruleset`). They see packets
   * as they are in the file, going `out` by the port; state expires on the capture's own clock.
   */
  filter?: string;
  /** Addresses that packets get instead of their own. */
  rewrite?: Rewrite;
  /**
   * How it waits for the next packet: by looking at the clock without a break where the wait is short (`spin`, the default:
   * exact to some microseconds, takes a core), or asleep (`sleep`: takes little, exact to some ten microseconds). It measures how exact
   * it was: see `late` of `details()`.
   */
  wait?: 'spin' | 'sleep';
  /** Most packets handed over at once, 512 by default. */
  batch?: number;
  /** A port of the same switch that is to receive every packet; opened once more for this, with `txOnly`. */
  to?: Port;
  /** Sees every frame before it goes, and may change it; checksums are then its own affair (`PacketView.fillChecksums`). */
  hook?: FrameHook;
  /** Sees every batch before it goes. */
  batchHook?: BatchHook;
}

/** What a replay has done. */
export interface ReplayStats extends SenderStats {
  file: string;
  /** Packets that could not be sent: longer than the port takes, empty, or not Ethernet. */
  skipped: number;
  /** Packets that the filter did not want. */
  refused: number;
  /** Packets of which the capture holds only the beginning; they were sent as they are in the file. */
  cut: number;
  /** How often the capture has been sent to its end. */
  loops: number;
  /** Seconds by which its plan was shifted because it could not keep up. */
  givenUp: number;
  /** How much of everything has been sent, 0 to 1; null where there is no end, or nobody knows it (pipes). */
  progress: number | null;
  /** Seconds until the end, as far as it can be told; null otherwise. */
  secondsLeft: number | null;
}

const KEYS = [
  ...['file', 'speed', 'rate', 'line', 'loop', 'count', 'duration', 'maxGap', 'preload', 'rewrite', 'wait', 'batch'],
  ...['to', 'filter', 'hook', 'batchHook'],
];

/** Checks what needs no port and no file. */
export function checkOptions(options: ReplayOptions): void {
  checkObject('options', options, KEYS);
  const { file, speed, rate, line, loop, count, duration, maxGap, preload, wait, batch, to } = options;
  if (checkString('options.file', file) === '') throw wrongValue('options.file', 'must not be empty', file);
  if (options.filter !== undefined) parseFilter('options.filter', checkString('options.filter', options.filter));
  if (speed !== undefined && rate !== undefined) throw wrongValue('options.rate', 'cannot go with speed', rate);
  for (const [name, value] of Object.entries({ speed, line, count, duration, maxGap })) {
    if (value === undefined) continue;
    if (typeof value !== 'number') throw wrongType(`options.${name}`, 'a number', value);
    if (!(value > 0)) throw outOfRange(`options.${name}`, 'greater than 0', value);
  }
  if (loop !== undefined) checkInteger('options.loop', loop, 0, Number.MAX_SAFE_INTEGER);
  if (batch !== undefined) checkInteger('options.batch', batch, 1, 65536);
  if (preload !== undefined) checkBoolean('options.preload', preload);
  if (wait !== undefined && wait !== 'spin' && wait !== 'sleep') {
    throw wrongValue('options.wait', "must be 'spin' or 'sleep'", wait);
  }
  if (to !== undefined && !(to instanceof Port)) throw wrongType('options.to', 'a Port', to);
  for (const name of ['hook', 'batchHook'] as const) checkHook(`options.${name}`, options[name]);
}

/** Files up to this size are read into memory unless told otherwise. */
const SMALL = 64 << 20;

/** What there is to know about a file before it is read. Undefined for what cannot be read twice: pipes, terminals. */
export function regularFile(path: string): { small: boolean } | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return { small: false }; // whoever opens it to read says why not
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return undefined;
    const head = Buffer.alloc(2);
    readSync(fd, head, 0, 2, 0);
    return { small: stat.size <= SMALL && head.readUInt16BE(0) !== 0x1f8b };
  } finally {
    closeSync(fd);
  }
}
