import { checkBoolean, checkInteger, checkObject, outOfRange, wrongType, wrongValue } from '../../check';
import type { UdpOptions } from '../../packet';
import { checkHook, type BatchHook, type FrameHook } from '../frame-hook';
import type { SizeMix } from './sizes';
import type { Vary } from './vary';

/** What `Generator` takes; everything has a default. */
export interface GeneratorOptions {
  /** The frame that packets are copies of, as the options of `udp()`: broadcast UDP/IPv4 of 60 bytes unless told otherwise. */
  frame?: UdpOptions;
  /**
   * The frame itself instead, or several that are sent in turn, each without CRC: whatever `udp()`, `tcp()`, `buildPacket()`
   * or a capture (`readFrames()`) gives.
   */
  template?: Uint8Array | readonly Uint8Array[];
  /** Different lengths of the frame; not with `template`. */
  sizes?: SizeMix;
  /** Header fields that differ from packet to packet. Checksums follow. */
  vary?: Vary;
  /**
   * Number of flows, 1 by default. Fields that vary per flow follow it; without any, source address and port do. `random`: packets
   * belong to any flow, instead of to one after the other.
   */
  flows?: number | { count: number; random?: boolean };
  /** What everything random begins with, 1 by default: the same seed makes the same packets at the same times. */
  seed?: number;
  /** Whether packets carry numbers, for sinks that check; true by default, false with `template`. */
  numbered?: boolean;
  /** Whether packets carry the time at which they were made, for sinks that measure latency; false by default. */
  timestamps?: boolean;
  /** Tells this generator's numbers from those of others, 0 to 2^32 - 1; 0 by default. */
  stream?: number;
  /**
   * Packets per second, or text: `'1.5Mpps'`, `'2.5Gbps'` (on the wire, with CRC, preamble and gap), `'40%'` of `line`. Default:
   * as many as possible.
   */
  rate?: number | string;
  /** Bits per second of the line that percents of the rate are of; 10^10 by default. */
  line?: number;
  /** How packets are spread in time: evenly (`constant`, the default), or at random (`poisson`). */
  pattern?: 'constant' | 'poisson';
  /** Packets that come at once, 1 by default; the rate stays what it is. */
  burst?: number;
  /**
   * How it waits for the next packet: by looking at the clock without a break where the wait is short (`spin`, the default:
   * exact to a microsecond, takes a core), or asleep (`sleep`: takes little, exact to some ten microseconds). It measures how exact
   * it was: see `late` and `gapError` of `details()`.
   */
  wait?: 'spin' | 'sleep';
  /** Packets to send; default: no end. */
  count?: number;
  /** Seconds until it ends; default: never. */
  duration?: number;
  /** Most packets handed over at once, 512 by default. */
  batch?: number;
  /** Tx rings to be used in turn, by index: `[0]` by default. One ring keeps packets in order. */
  rings?: 'all' | readonly number[];
  /** Most bytes of a frame in one slot, so that longer ones take several; default: as many as fit. */
  fragment?: number;
  /** Sees every frame before it goes, and may change it; checksums are then its own affair (`PacketView.fillChecksums`). */
  hook?: FrameHook;
  /** Sees every batch before it goes. */
  batchHook?: BatchHook;
}

const KEYS: readonly (keyof GeneratorOptions)[] = [
  ...([
    'frame',
    'template',
    'sizes',
    'vary',
    'flows',
    'seed',
    'numbered',
    'timestamps',
    'stream',
    'rate',
    'line',
  ] as const),
  ...(['pattern', 'burst', 'wait', 'count', 'duration', 'batch', 'rings', 'fragment', 'hook', 'batchHook'] as const),
];

/** Checks what needs no port. */
export function checkOptions(options: GeneratorOptions): void {
  checkObject('options', options, KEYS);
  const { frame, template, sizes, flows, seed, numbered, timestamps, stream, line, pattern, burst, wait } = options;
  if (template !== undefined && (frame !== undefined || sizes !== undefined)) {
    throw wrongValue('template', 'cannot go with frame or sizes', frame ?? sizes);
  }
  if (frame?.length !== undefined && sizes !== undefined)
    throw wrongValue('sizes', 'cannot go with frame.length', sizes);
  if (frame !== undefined && typeof frame !== 'object') throw wrongType('frame', 'an object', frame);
  const integers: [string, unknown, number, number][] = [
    ['seed', seed, 0, Number.MAX_SAFE_INTEGER],
    ['stream', stream, 0, 0xffffffff],
    ['flows', typeof flows === 'object' ? flows.count : flows, 1, 0xffffffff],
    ['burst', burst, 1, 65536],
    ['batch', options.batch, 1, 65536],
    ['fragment', options.fragment, 1, 65535],
  ];
  for (const [name, value, least, most] of integers) if (value !== undefined) checkInteger(name, value, least, most);
  if (typeof flows === 'object') checkObject('flows', flows, ['count', 'random']);
  for (const [name, value] of Object.entries({ count: options.count, duration: options.duration, line })) {
    if (value === undefined) continue;
    if (typeof value !== 'number') throw wrongType(name, 'a number', value);
    if (!(value > 0)) throw outOfRange(name, 'greater than 0', value);
  }
  if (numbered !== undefined) checkBoolean('numbered', numbered);
  if (timestamps !== undefined) checkBoolean('timestamps', timestamps);
  if (pattern !== undefined && pattern !== 'constant' && pattern !== 'poisson') {
    throw wrongValue('pattern', "must be 'constant' or 'poisson'", pattern);
  }
  if (wait !== undefined && wait !== 'spin' && wait !== 'sleep')
    throw wrongValue('wait', "must be 'spin' or 'sleep'", wait);
  for (const name of ['hook', 'batchHook'] as const) checkHook(name, options[name]);
}
