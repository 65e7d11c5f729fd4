/** The native loops of generator, sink and ping: what src/native.ts is for ports. Used by src/apps only. */

import type { NativePort, NativeRuleset } from './native';

/** A frame that packets are copies of. */
export interface NativeFrame {
  bytes: Uint8Array;
  /** Where the checksum of the IPv4 header lies, and that of the packet in it; 0: there is none. */
  headerSumAt: number;
  packetSumAt: number;
  /** UDP: a checksum of 0 is sent as 0xffff. */
  zeroIsOnes: boolean;
  /**
   * Seven numbers for each field: offset (-1: not in this frame), bytes, bits below the field in them, whether the first and the
   * second checksum cover it, its bits within the bytes (low and high half).
   */
  spots: Float64Array;
}

/** A field's kinds, as numbers. */
export const FIELD_KIND = { range: 0, list: 1, random: 2, time: 3 } as const;

/** How a field goes on from packet to packet. */
export interface NativeField {
  kind: number;
  from: bigint;
  /** Number of values, 0n: 2^64. */
  count: bigint;
  /** Modulo 2^64. */
  step: bigint;
  list: BigUint64Array;
  perFlow: boolean;
  carry: boolean;
  seed: bigint;
}

/** Patterns in time, as numbers. */
export const PATTERN = { flatOut: 0, constant: 1, poisson: 2 } as const;

/** Which packets are made. */
export interface NativePackets {
  frames: readonly NativeFrame[];
  /** Which frame each packet is a copy of, in turn; empty: always the first. */
  order: Uint32Array;
  fields: readonly NativeField[];
  flows: number;
  randomFlows: boolean;
  flowSeed: bigint;
  /** Most bytes in one slot, 0: as many as fit. */
  fragment: number;
}

/** Rings: byte offset in the region, and the first slot that is ours. */
export interface NativeRings {
  rings: Float64Array;
  heads: Float64Array;
}

export interface NativeSenderConfig extends NativePackets, NativeRings {
  /** Whether buffers stay in their slots with what was written into them. */
  keeps: boolean;
  pattern: number;
  /** ns to the next packet; several: in turn. */
  gaps: Float64Array;
  burst: number;
  scheduleSeed: bigint;
  count: number;
  batch: number;
  /** Sleep instead of looking at the clock. */
  sleep: boolean;
  /** Waits for the next packet that are longer are ours, in ms. */
  patience: number;
  /** Most that it may be late, in ms. */
  forgive: number;
}

/** Why a native loop came back. */
export const PAUSE = { turn: 0, room: 1, rate: 2, done: 3 } as const;
/** What `prepare` adds to the number of frames. */
export const PREPARED = 16;

export interface NativeHistogram {
  count: number;
  min: number;
  max: number;
  mean: number;
  stddev: number;
  /** Upper end and count, in pairs. */
  buckets: Float64Array;
}

/** Where the numbers of all that sends by a schedule lie. */
const SCHEDULED = { packets: 0, bytes: 1, first: 2, last: 3, givenUp: 4, wait: 5, slotsNeeded: 6 } as const;

/** Where the numbers of `NativeSender.stats` lie. */
export const SENDER = {
  ...SCHEDULED,
  ring: 7,
  firstSlot: 8,
  slots: 9,
  batches: 10,
  heads: 11,
} as const;

export interface NativeSender {
  /** False when the options made no sense. */
  begin(ms: number): boolean;
  /** {@link PAUSE}, or a negative errno. */
  run(ms: number): number;
  /** {@link PREPARED} + frames, {@link PAUSE}, or a negative errno. */
  prepare(ms: number): number;
  /** 0 or a negative errno. */
  commit(): number;
  stats(out: Float64Array): boolean;
  histogram(name: 'late' | 'lateRunning' | 'away' | 'gap' | 'gapError' | 'plannedGap'): NativeHistogram;
}

/** What a test's offset counts from. */
export const BASE = {
  frame: 0,
  vlan: 1,
  ipv4: 2,
  ipv6: 3,
  udp: 4,
  tcp: 5,
  icmp: 6,
  ports: 7,
  length: 8,
  etherType: 9,
  protocol: 10,
} as const;

export interface NativeTest {
  base: number;
  offset: number;
  width: number;
  shift: number;
  mask: bigint;
  negated: boolean;
  /** First and last value, in pairs: any of them. */
  ranges: BigUint64Array;
}

export interface NativeReceiverConfig extends NativeRings {
  count: number;
  check: boolean;
  latency: boolean;
  gaps: boolean;
  protocols: boolean;
  flows: number;
  match: readonly NativeTest[];
  /** Rules that say which packets are meant, and the number that they give to the port. */
  filter: NativeRuleset | undefined;
  filterPort: number;
  /** Note which frames match, for `look`. */
  notePicks: boolean;
}

/** Where the numbers of `NativeReceiver.look` lie: of the batch, then of each frame that matches. */
export const BATCH = { ring: 0, firstSlot: 1, slots: 2, matches: 3, first: 4 } as const;
export const MATCH = { offset: 0, length: 1, slot: 2, size: 3 } as const;

/** Where the numbers of `NativeReceiver.stats` lie. */
export const RECEIVER = {
  packets: 0,
  bytes: 1,
  unmatched: 2,
  first: 3,
  last: 4,
  ring: 5,
  firstSlot: 6,
  slots: 7,
  time: 8,
  skewed: 9,
  lost: 10,
  reordered: 11,
  duplicated: 12,
  restarts: 13,
  corrupt: 14,
  unnumbered: 15,
  untracked: 16,
  streams: 17,
  flows: 18,
  otherPackets: 19,
  otherBytes: 20,
  batches: 21,
  heads: 22,
} as const;

export interface NativeFlow {
  src: Uint8Array;
  dst: Uint8Array;
  srcPort: number;
  dstPort: number;
  protocol: number;
  packets: number;
  bytes: number;
}

export interface NativeReceiver {
  /** 0 or a negative errno. */
  run(ms: number, quietMs: number): number;
  /** `look` finds batches for `ms` from now on, and until nothing has come for `quietMs`. */
  begin(ms: number, quietMs: number): void;
  /** Gives the last batch back and looks for another: its frames; 0: none, or the time is over; or a negative errno. */
  look(out: Int32Array): number;
  /** Least free slots of a ring with packets in it since the last call, -1: there were none. */
  takeLeastRoom(): number;
  stats(out: Float64Array): boolean;
  histogram(name: 'latency' | 'gap'): NativeHistogram | undefined;
  /** Packets and bytes in pairs: IPv4 and IPv6 by protocol number, ARP, others, then seven classes of length. */
  protocols(): Float64Array | undefined;
  flows(most: number): NativeFlow[];
}

export interface NativePingerConfig extends NativePackets, NativeRings {
  rxRings: Float64Array;
  rxHeads: Float64Array;
  count: number;
  burst: number;
  interval: number;
  timeout: number;
  stream: number;
  patience: number;
  sleep: boolean;
}

/** Where the numbers of `NativePinger.stats` lie. */
export const PINGER = {
  sent: 0,
  answered: 1,
  lost: 2,
  late: 3,
  others: 4,
  bytes: 5,
  first: 6,
  last: 7,
  wait: 8,
  waiting: 9,
  heads: 10,
} as const;

export interface NativePinger {
  /** 0 or a negative errno; -EINVAL when the options made no sense. */
  begin(overheadSamples: number): number;
  run(ms: number): number;
  stats(out: Float64Array): boolean;
  histogram(name: 'roundTrip' | 'overhead'): NativeHistogram;
}

export interface NativeReflectorConfig extends NativeRings {
  rxRings: Float64Array;
  rxHeads: Float64Array;
  count: number;
}

/** Where the numbers of `NativeReflector.stats` lie. */
export const REFLECTOR = { packets: 0, bytes: 1, first: 2, last: 3, heads: 4 } as const;

export interface NativeReflector {
  run(ms: number, quietMs: number): number;
  stats(out: Float64Array): boolean;
}

/** How a replay times its packets, as numbers. */
export const TIMING = { flatOut: 0, captured: 1, packets: 2, bits: 3 } as const;

/** Why a replay came back: {@link PAUSE}, the end of the piece, or a packet in front of which somebody has to be told. */
export const REPLAY_PAUSE = { ...PAUSE, end: 4, point: 5 } as const;

export interface NativeReplayConfig extends NativeRings {
  timing: number;
  speed: number;
  /** ns for a packet, or for a bit. */
  gap: number;
  count: number;
  batch: number;
  /** Sleep instead of looking at the clock. */
  sleep: boolean;
  /** Waits for the next packet that are longer are ours, in ms. */
  patience: number;
  /** Most that it may be late, in ms. */
  forgive: number;
}

/** Where the numbers of `NativeReplay.stats` lie. */
export const REPLAY = {
  ...SCHEDULED,
  position: 7,
  lastDue: 8,
  firstSlot: 9,
  slots: 10,
  heads: 11,
} as const;

export interface NativeReplay {
  /** False when the options made no sense. */
  begin(): boolean;
  /** Goes on with these records: see src/apps/replay/packer.ts. */
  load(piece: Uint8Array): void;
  /** What follows begins so many ns, as captured, after what came before did. */
  nextPass(span: number): void;
  /** The packet in front of which it stopped may go. */
  pointed(): void;
  /** {@link REPLAY_PAUSE}, or a negative errno. */
  run(ms: number): number;
  /** {@link PREPARED} + frames, {@link REPLAY_PAUSE}, or a negative errno. */
  prepare(ms: number): number;
  /** 0 or a negative errno. */
  commit(): number;
  stats(out: Float64Array): boolean;
  /** From when packets were due until they were handed over. */
  histogram(name: 'late' | 'lateRunning' | 'away'): NativeHistogram;
}

/** What an outlet of a distributor may do. */
export const OUTLET_FLAGS = { swap: 1, block: 2 } as const;

/** Where the numbers of an outlet lie: head and room go in, the others come out. */
export const OUTLET = { head: 0, room: 1, used: 2, packets: 3, bytes: 4, dropped: 5, size: 6 } as const;

/** Where the result of `NativeDistributor.deal` lies. `blocked`: the outlet that has to have room before it goes on, -1: none. */
export const DEALT = { packets: 0, bytes: 1, refused: 2, blocked: 3, size: 4 } as const;

export interface NativeDistributorConfig {
  /** Of each outlet: byte offset in its region, {@link OUTLET_FLAGS}, group. Outlets of a group stand together. */
  rings: Float64Array;
  flags: Uint32Array;
  groups: Uint32Array;
}

export interface NativeDistributor {
  /** Slots taken, or a negative errno. `choices` has a number for each slot, 0xffffffff: nobody gets it. */
  deal(
    ring: number,
    head: number,
    count: number,
    most: number,
    outlets: Float64Array,
    result: Float64Array,
    choices: Uint32Array | undefined,
  ): number;
}

/** The classes, as far as the addon exports them. */
export interface NativeTraffic {
  NativeSender: new (port: NativePort, config: NativeSenderConfig) => NativeSender;
  NativeReceiver: new (port: NativePort, config: NativeReceiverConfig) => NativeReceiver;
  NativePinger: new (port: NativePort, config: NativePingerConfig) => NativePinger;
  NativeReflector: new (port: NativePort, config: NativeReflectorConfig) => NativeReflector;
  NativeDistributor: new (
    from: NativePort,
    to: readonly NativePort[],
    config: NativeDistributorConfig,
  ) => NativeDistributor;
  NativeReplay: new (port: NativePort, config: NativeReplayConfig) => NativeReplay;
}
