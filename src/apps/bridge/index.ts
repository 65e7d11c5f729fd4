import { checkBoolean, checkObject, wrongType, wrongValue } from '../../check';
import { POLL } from '../../constants';
import { Port } from '../../port';
import { parseFilter, type Filter } from '../filter';
import { checkHook, type FrameHook } from '../frame-hook';
import type { Traffic } from '../meter';
import { END_KEYS, Mover } from '../mover';
import { checkReceives, type ReceiverOptions } from '../receiver';
import { txRing } from '../tx-ring';
import type { Want } from '../wait-for-any';
import { Lane, type Decision, type LaneStats } from './lane';

export type { LaneStats } from './lane';

/** What {@link Bridge} takes besides its ports; everything has a default. */
export interface BridgeOptions extends ReceiverOptions {
  /** Sees every frame, in both directions, and drops those for which it returns false. An array has one for each direction, a to b first. */
  hook?: FrameHook | readonly [FrameHook | undefined, FrameHook | undefined];
  /**
   * Rules of ipfw's that say which frames may pass, see {@link Filter}; `a` is the inside: frames from it are `out`, frames to it
   * are `in`. Instead of a hook.
   */
  filter?: Filter;
  /** From a to b only; false by default. */
  oneWay?: boolean;
  /** Copy even where buffers could be exchanged; false by default. */
  copy?: boolean;
}

/** What a bridge has forwarded: both directions together, and each by itself. */
export interface BridgeStats extends Traffic {
  /** Packets that the hook or the filter dropped. */
  refused: number;
  /** Packets that could not be forwarded, see {@link LaneStats}. */
  skipped: number;
  /** Whether buffers change places (both ports use one memory region) instead of being copied. */
  zeroCopy: boolean;
  directions: LaneStats[];
}

const KEYS = ['hook', 'filter', 'oneWay', 'copy', ...END_KEYS];

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
export class Bridge extends Mover<BridgeStats> {
  private readonly lanes: readonly Lane[];
  private readonly zeroCopy: boolean;

  constructor(a: Port, b: Port, options: BridgeOptions = {}) {
    if (!(a instanceof Port)) throw wrongType('a', 'a Port', a);
    if (!(b instanceof Port)) throw wrongType('b', 'a Port', b);
    checkObject('options', options, KEYS);
    super([a, b], options);
    const { hook, oneWay = false, copy = false } = options;
    checkBoolean('options.oneWay', oneWay);
    checkBoolean('options.copy', copy);
    this.zeroCopy = !copy && a.canSwapWith(b);
    const [there, back] = decisions(hook, options.filter);
    const lanes = [makeLane(a, b, this.zeroCopy, there)];
    if (!oneWay && a !== b) lanes.push(makeLane(b, a, this.zeroCopy, back));
    this.lanes = lanes;
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

  protected round(): number {
    const { lanes, meter } = this;
    let taken = 0;
    for (let n = 0; n < lanes.length; n++) {
      const lane = lanes[n];
      const { packets, bytes } = lane;
      taken += lane.step(this.left);
      meter.add(lane.packets - packets, lane.bytes - bytes);
    }
    return taken;
  }

  /** Packets, or room where there was none. */
  protected wants(): Want[] {
    return this.lanes.flatMap((lane) => {
      if (!lane.blocked) return { port: lane.from, direction: POLL.IN };
      return lane.hasRoom ? [] : { port: lane.to, direction: POLL.OUT };
    });
  }

  /** A frame of several slots may wait for more room where there is some already. */
  protected override get longestSleep(): number {
    return this.lanes.some((lane) => lane.blocked && lane.hasRoom) ? 1 : Infinity;
  }

  protected flush(): void {
    for (const { from, to } of this.lanes) {
      from.rxSync();
      to.txSync();
    }
  }
}

function makeLane(from: Port, to: Port, swap: boolean, decision: Decision): Lane {
  checkReceives(from);
  txRing(to); // throws when there is none
  return new Lane(from, to, swap, decision);
}

function decisions(hook: BridgeOptions['hook'], filter: Filter | undefined): readonly [Decision, Decision] {
  const rules = parseFilter('options.filter', filter);
  if (rules !== undefined) {
    if (hook !== undefined) throw wrongValue('options.filter', 'must not stand beside a hook', filter);
    return [
      { rules, out: true },
      { rules, out: false },
    ];
  }
  const pair = Array.isArray(hook) ? (hook as [FrameHook, FrameHook]) : ([hook, hook] as [FrameHook, FrameHook]);
  for (const each of pair) checkHook('options.hook', each);
  return pair;
}
