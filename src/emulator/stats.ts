/** What an emulator has done, as plain data. Times in ns, sizes in bytes, rates in bit/s. */

export interface PacketCount {
  packets: number;
  bytes: number;
}

/** Why a packet does not come out; `docs/dummynet.md` tells what each is. */
export type DropCause = (typeof DROP_CAUSES)[number];

/** @internal In the order of the native part. */
export const DROP_CAUSES = [
  'loss',
  'queueFull',
  'red',
  'codel',
  'pie',
  'profile',
  'bitErrors',
  'delayLine',
  'memory',
  'noTarget',
  'flushed',
] as const;

/** A packet that does not come out. */
export interface PacketDrop {
  /** In ns: the emulator's clock; between ports the monotonic one (as `process.hrtime`). */
  time: number;
  cause: DropCause;
  /** Number of the link, 0 where a queue does not exist. */
  link: number;
  /** Number of the queue, 0 if it was sent to the link itself. */
  queue: number;
  direction: 'out' | 'in';
  /** Bytes of the frame. */
  length: number;
  /** As {@link EmulatedPacket.id}; 0 between ports. */
  id: number;
}

export type Drops = Partial<Record<DropCause, number>>;

export interface LinkStats {
  number: number;
  /** Where each direction has a thread of its own: which of the two this is. */
  direction?: 'out' | 'in';
  /** Type of its scheduler. */
  scheduler: string;
  /** At present. */
  bandwidth: number;
  delay: number;
  /** Sent to the link itself by rules; what comes from queues is counted there. */
  arrived: PacketCount;
  /** Their last bit has left. */
  sent: PacketCount;
  /** They have arrived at the other end. */
  out: PacketCount;
  /** In queues. */
  waiting: PacketCount;
  /** Under way. */
  delayed: PacketCount;
  flows: number;
  /** By ECN. */
  marked: number;
  corrupted: number;
  duplicated: number;
  reordered: number;
  /** From joining the queue to the last bit. */
  wait: { mean: number; most: number };
  /**
   * From joining the queue to arriving, of those that are under way, too: when they arrive is known as soon as their last bit has left.
   * `packets` is how many they are, `sum` all their times: of two reports, the difference of the sums by that of the packets is the mean
   * of those in between.
   */
  transit: {
    packets: number;
    sum: number;
    least: number;
    mean: number;
    most: number;
    p50: number;
    p90: number;
    p99: number;
  };
  drops: Drops;
}

export interface QueueStats {
  number: number;
  direction?: 'out' | 'in';
  /** The link that it leads to. */
  pipe: number;
  weight: number;
  arrived: PacketCount;
  waiting: PacketCount;
  flows: number;
  marked: number;
  drops: Drops;
}

/** A flow with a queue of its own. */
export interface FlowStats {
  /** 0 for the link's own. */
  queue: number;
  protocol: number;
  source: string;
  sourcePort: number;
  target: string;
  targetPort: number;
  packets: number;
  bytes: number;
  dropped: number;
  /** Packets. */
  waiting: number;
}

export interface EmulatorStats {
  links: LinkStats[];
  queues: QueueStats[];
  /** Dropped by all of them, by cause. */
  drops: Drops;
  /** Denied by rules. */
  denied: number;
  /** Packets that are inside now. */
  inside: number;
  /** Bytes of memory for packets and flows: got from the system by now, and at most. */
  memory: { held: number; limit: number };
}

/** How long something took each time, in ns; `times`: how often it was. */
export interface Times {
  times: number;
  p50: number;
  p90: number;
  p99: number;
  most: number;
}

/** What one direction has moved between ports. */
export interface DirectionStats extends PacketCount {
  direction: 'out' | 'in';
  /** Put into the tx rings. */
  outPackets: number;
  outBytes: number;
  /** Of those, with nothing that held them back. */
  straight: number;
  /**
   * How much later than it should what was held back came out, in ns: from the time that links had for it until its ring was handed
   * over. 0 as long as nothing was held back.
   */
  late: Times;
  /**
   * Past its links, and waiting for room in the tx rings. While more than a batch waits, frames are left in the rx rings: so this is
   * at most what was inside when the tx rings became full, in the memory of the emulator, and no reason to drop anything.
   */
  waiting: PacketCount;
  /** Dropped: longer than the tx rings can take, or still waiting at the end. */
  noRoom: number;
  /** Slots without a buffer, frames without an end. */
  bad: number;
  /** When packets were put out first and last, in ns of the monotonic clock; 0 as long as there were none. */
  first: number;
  last: number;
}

/** What the native part writes for each of its threads. */
interface NativeReport {
  lanes: DirectionStats[];
  emulator: {
    memory: { held: number; limit: number };
    drops: Drops;
    pipes: LinkStats[];
    queues: QueueStats[];
  };
  denied: number;
  inside: number;
  pauses?: Times;
}

function add(into: Drops, drops: Drops): void {
  for (const [cause, n] of Object.entries(drops) as [DropCause, number][]) into[cause] = (into[cause] ?? 0) + n;
}

/** Reads the native report. */
export function readReport(json: string): { stats: EmulatorStats; directions: DirectionStats[]; pauses: Times[] } {
  const reports = JSON.parse(json) as NativeReport[];
  const stats: EmulatorStats = {
    links: [],
    queues: [],
    drops: {},
    denied: 0,
    inside: 0,
    memory: { held: 0, limit: 0 },
  };
  for (const { emulator, denied, inside, lanes } of reports) {
    const direction = reports.length > 1 ? { direction: lanes[0].direction } : {};
    stats.links.push(...emulator.pipes.map((pipe) => ({ ...direction, ...pipe })));
    stats.queues.push(...emulator.queues.map((queue) => ({ ...direction, ...queue })));
    for (const { drops } of [emulator, ...emulator.pipes, ...emulator.queues]) add(stats.drops, drops);
    stats.denied += denied;
    stats.inside += inside;
    stats.memory.held += emulator.memory.held;
    stats.memory.limit += emulator.memory.limit;
  }
  return {
    stats,
    directions: reports.flatMap(({ lanes }) => lanes),
    pauses: reports.flatMap(({ pauses }) => pauses ?? []),
  };
}

/** All drops together. */
export function allDrops(drops: Drops): number {
  return Object.values(drops).reduce((sum, n) => sum + n, 0);
}
