import { checkBoolean, checkObject, outOfRange, wrongType, wrongValue } from '../../check';
import { POLL } from '../../constants';
import { NetmapError } from '../../errors';
import { Port } from '../../port';
import { App } from '../app';
import { turn, TURN_MS } from '../event-loop';
import type { Traffic } from '../meter';
import { TimeLimit } from '../time-limit';
import { waitForAny, type Want } from '../wait-for-any';
import type { FrameHook } from './hook';
import { Lane, type LaneStats } from './lane';

export type { FrameHook } from './hook';
export type { LaneStats } from './lane';

/** What {@link Bridge} takes besides its ports; everything has a default. */
export interface BridgeOptions {
  /** Sees every frame, in both directions: see {@link FrameHook}. An array has one for each direction, a to b first. */
  hook?: FrameHook | readonly [FrameHook | undefined, FrameHook | undefined];
  /** From a to b only; false by default. */
  oneWay?: boolean;
  /** Copy even where buffers could be exchanged; false by default. */
  copy?: boolean;
  /** Packets to forward, both directions together; default: no end. */
  count?: number;
  /** Seconds without a packet until it ends; default: never. */
  timeout?: number;
  /** Seconds until it ends; default: never. */
  duration?: number;
}

/** What a bridge has forwarded: both directions together, and each by itself. */
export interface BridgeStats extends Traffic {
  /** Packets that the hook dropped. */
  refused: number;
  /** Packets that could not be forwarded, see {@link LaneStats}. */
  skipped: number;
  /** Whether buffers change places (both ports use one memory region) instead of being copied. */
  zeroCopy: boolean;
  directions: LaneStats[];
}

/** How long it looks for more before it goes to sleep, in ms. */
const SPIN_MS = 0.1;
/** Rounds between two looks at the clock: each makes a number that the garbage collector has to fetch. */
const ROUNDS_PER_LOOK = 16;
const PACKETS_PER_LOOK = 2048;
/** How long it waits for more room where there is some already, in ms. */
const PARTIAL_MS = 1;

const KEYS = ['hook', 'oneWay', 'copy', 'count', 'timeout', 'duration'];

/**
 * Forwards frames between two ports: by exchanging buffers where both use one memory region, by copying elsewhere. Frames that
 * find no room wait in their rx ring, so what is lost is lost (and counted) where the ring overflows.
 *
 * Ring `n` of one port goes to ring `n` of the other, modulo the number of rings; host rings go to host rings, or to those
 * that there are. So `new Bridge(open('netmap:eth0'), open('netmap:eth0^'))` puts a card and its own host together, and the
 * hook sees what comes and goes.
 *
 * ```ts
 * using a = open('netmap:p{1');
 * using b = open('netmap:p{2');
 * await using bridge = new Bridge(a, b, {
 *   hook: (u8, offset, length) => length >= 34 && u8[offset + 23] !== 1,   // everything but ICMP
 * });
 * await bridge.start();
 * ```
 */
export class Bridge extends App<BridgeStats> {
  private readonly lanes: readonly Lane[];
  private readonly zeroCopy: boolean;
  private readonly count: number;
  private readonly timeout: number;
  private readonly duration: number;

  constructor(a: Port, b: Port, options: BridgeOptions = {}) {
    if (!(a instanceof Port)) throw wrongType('a', 'a Port', a);
    if (!(b instanceof Port)) throw wrongType('b', 'a Port', b);
    super(a, b);
    checkObject('options', options, KEYS);
    const { hook, oneWay = false, copy = false, count = Infinity, timeout = Infinity, duration = Infinity } = options;
    checkBoolean('options.oneWay', oneWay);
    checkBoolean('options.copy', copy);
    for (const [key, value] of Object.entries({ count, timeout, duration })) {
      if (typeof value !== 'number') throw wrongType(`options.${key}`, 'a number', value);
      if (!(value > 0)) throw outOfRange(`options.${key}`, 'greater than 0', value);
    }
    this.zeroCopy = !copy && a.canSwapWith(b);
    const [there, back] = hooks(hook);
    const lanes = [makeLane(a, b, this.zeroCopy, there)];
    if (!oneWay && a !== b) lanes.push(makeLane(b, a, this.zeroCopy, back));
    this.lanes = lanes;
    this.count = count;
    this.timeout = 1000 * timeout;
    this.duration = duration;
  }

  stats(): BridgeStats {
    const { lanes, meter, zeroCopy } = this;
    const sum = (value: (lane: LaneStats) => number) => directions.reduce((total, lane) => total + value(lane), 0);
    const directions = lanes.map((lane) => lane.stats());
    return {
      ...meter.traffic(),
      refused: sum(({ refused }) => refused),
      skipped: sum(({ skipped }) => skipped),
      zeroCopy,
      directions,
    };
  }

  protected async run(): Promise<void> {
    const limit = new TimeLimit(this.duration, this.signal);
    try {
      let idleSince = performance.now();
      while (!limit.signal.aborted) {
        const last = this.work();
        if (this.left <= 0) break;
        if (last >= 0) {
          idleSince = last;
          await turn();
          continue;
        }
        const patience = this.timeout - (performance.now() - idleSince);
        if (patience <= 0) break;
        await this.wait(limit.signal, patience);
      }
      this.flush();
    } finally {
      limit.clear();
    }
  }

  /** Packets that may still be forwarded. */
  private get left(): number {
    return this.count - this.meter.packets;
  }

  /** Forwards what comes, for one turn of the event loop. Returns when the last packet came, -1 if none did. */
  private work(): number {
    let now = performance.now();
    const until = now + TURN_MS;
    let last = -1;
    for (let quietSince = now; now < until && this.left > 0;) {
      const moved = this.look();
      const then = performance.now();
      if (moved > 0) {
        this.meter.span(now, then);
        last = quietSince = then;
      } else if (then - quietSince > SPIN_MS) {
        return last;
      }
      now = then;
    }
    return last;
  }

  /** Several rounds for one look at the clock. Returns slots taken. */
  private look(): number {
    const { lanes, meter } = this;
    let taken = 0;
    for (let k = 0; k < ROUNDS_PER_LOOK && taken < PACKETS_PER_LOOK && this.left > 0; k++) {
      for (let n = 0; n < lanes.length; n++) {
        const lane = lanes[n];
        const { packets, bytes } = lane;
        taken += lane.step(this.left);
        meter.add(lane.packets - packets, lane.bytes - bytes);
      }
    }
    return taken;
  }

  /** Gives slots back, and sends what lies in the tx rings. */
  private flush(): void {
    for (const { from, to } of this.lanes) {
      from.rxSync();
      to.txSync();
    }
  }

  /** Sleeps until a port has packets, or room where there was none. */
  private wait(signal: AbortSignal, patience: number): Promise<void> {
    const wants: Want[] = [];
    let most = patience;
    for (const lane of this.lanes) {
      if (!lane.blocked) wants.push({ port: lane.from, direction: POLL.IN });
      else if (!lane.hasRoom) wants.push({ port: lane.to, direction: POLL.OUT });
      else most = Math.min(most, PARTIAL_MS); // some, but not enough for a frame of several slots
    }
    return waitForAny(wants, signal, most);
  }
}

function makeLane(from: Port, to: Port, swap: boolean, hook: FrameHook | undefined): Lane {
  if (!from.rxRings.some(({ numSlots }) => numSlots > 1)) throw noRing(from, 'receive', '/T');
  if (!to.txRings.some(({ numSlots }) => numSlots > 1)) throw noRing(to, 'send', '/R');
  return new Lane(from, to, swap, hook);
}

function noRing({ name }: Port, what: string, flag: string): NetmapError {
  const hint = `open it without "${flag}" and with at least 2 slots in each ring, or bridge one way only`;
  return new NetmapError(`port '${name}' has no ring to ${what} by; ${hint}`, { code: 'EINVAL', port: name, hint });
}

function hooks(hook: BridgeOptions['hook']): readonly [FrameHook | undefined, FrameHook | undefined] {
  const pair = Array.isArray(hook) ? (hook as [FrameHook, FrameHook]) : ([hook, hook] as [FrameHook, FrameHook]);
  for (const each of pair) {
    if (each !== undefined && typeof each !== 'function') throw wrongValue('options.hook', 'must be a function', each);
  }
  return pair;
}
