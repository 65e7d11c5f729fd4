import { checkObject, wrongType, wrongValue } from '../../check';
import { POLL } from '../../constants';
import { native } from '../../native';
import { DEALT, OUTLET, OUTLET_FLAGS, type NativeDistributor } from '../../native-traffic';
import { Port } from '../../port';
import type { Ring } from '../../ring';
import { checkHook, type FrameHook } from '../frame-hook';
import { wholeFrame } from '../frames';
import { END_KEYS, Mover } from '../mover';
import { checkReceives, type ReceiverOptions, type ReceiverStats } from '../receiver';
import { Drops } from '../drops';
import { checkErrno, nativePort } from '../traffic/bound';
import { txRing } from '../tx-ring';
import type { Want } from '../wait-for-any';
import { Choices } from './choices';

/** What happens to a packet whose consumer has no room: it is lost to that one and counted, or everybody waits. */
export type WhenFull = 'drop' | 'block';

/** A port that packets are dealt out to, by its first tx ring; mostly one end of a pipe, whose other end a consumer has. */
export type Consumer = Port | { port: Port; full?: WhenFull };

/** What {@link Distributor} takes besides its ports; everything has a default. */
export interface DistributorOptions extends ReceiverOptions {
  /** For consumers that say nothing else; `drop` by default. */
  full?: WhenFull;
  /**
   * Says who gets a packet: the number of a consumer (modulo how many there are, in each group), or anything else for nobody. By
   * default the flow does: both directions of a connection go to the same consumer.
   */
  choose?: FrameHook;
}

/** What one consumer got. */
export interface ConsumerStats {
  port: string;
  /** Counted from 0. */
  group: number;
  packets: number;
  bytes: number;
  /** Packets for which it had no room. */
  dropped: number;
  /** Whether buffers change places instead of being copied; with several groups, only the last consumer of a packet gets its buffer. */
  zeroCopy: boolean;
}

/** What a distributor has taken, and what became of it. */
export interface DistributorStats extends ReceiverStats {
  /** Packets that `choose` wanted nobody to have. */
  refused: number;
  /** Packets that consumers missed because they had no room, each for itself. */
  undelivered: number;
  consumers: ConsumerStats[];
}

const KEYS = ['full', 'choose', ...END_KEYS];
const MOST_CONSUMERS = 1024;

interface Outlet {
  port: Port;
  ring: Ring;
  stats: ConsumerStats;
}

/** An rx ring, and what the hook said about the frames in it. */
interface Inlet {
  ring: Ring;
  choices: Choices | undefined;
}

/**
 * Deals the packets of a port out to several others, flow by flow, so that several processes share its load: what `lb` of netmap
 * does. Packets of one connection, both directions, always go to the same consumer: the hash is symmetric, over addresses, ports and
 * protocol (of fragments without ports, of what is no IP over MAC addresses and EtherType).
 *
 * Where both use one memory region, as a port and its pipes do, buffers change places and nothing is copied.
 *
 * ```ts
 * using port = open('vale0:a');
 * const pipes = Array.from({ length: 4 }, (_, k) => open(`vale0:a{${k}`));   // consumers open vale0:a}0, vale0:a}1, ...
 * await using distributor = new Distributor(port, pipes);
 * await distributor.start();
 * ```
 *
 * Several groups of consumers (an array of arrays) each get every packet.
 */
export class Distributor extends Mover<DistributorStats> {
  private readonly from: Port;
  private readonly inlets: readonly Inlet[];
  private readonly outlets: readonly Outlet[];
  private readonly native: NativeDistributor;
  private readonly drops: Drops;
  private readonly numbers: Float64Array;
  private readonly result = new Float64Array(DEALT.size);
  private refused = 0;
  /** Who has to have room before anything goes on. */
  private blocked: Outlet | undefined;

  /**
   * @param from where packets come from
   * @param to consumers, or groups of them
   */
  constructor(
    from: Port,
    to: readonly Consumer[] | readonly (readonly Consumer[])[],
    options: DistributorOptions = {},
  ) {
    if (!(from instanceof Port)) throw wrongType('from', 'a Port', from);
    checkObject('options', options, KEYS);
    const { full = 'drop', choose } = options;
    checkFull('options.full', full);
    checkHook('options.choose', choose);
    const members = consumers(to).map((member) => ({ ...member, full: member.full ?? full }));
    super([...new Set([from, ...members.map(({ port }) => port)])], options);
    checkReceives(from);
    this.from = from;
    this.drops = new Drops(from);
    this.inlets = from.rxRings.map((ring) => ({ ring, choices: choose && new Choices(ring, choose) }));
    this.outlets = members.map(({ port, group }) => {
      if (port === from) throw wrongValue('to', 'must be other ports than from', port.name);
      const ring = txRing(port);
      const zeroCopy = from.canSwapWith(port) && from.rxRings.every((each) => each.offsetsAs(ring));
      return { port, ring, stats: { port: port.name, group, packets: 0, bytes: 0, dropped: 0, zeroCopy } };
    });
    this.numbers = new Float64Array(OUTLET.size * this.outlets.length);
    const ports = this.outlets.map(({ port }) => nativePort(port));
    this.native = new (native().NativeDistributor)(nativePort(from), ports, {
      rings: Float64Array.from(this.outlets, ({ ring }) => ring.byteOffset),
      flags: Uint32Array.from(
        this.outlets,
        ({ stats }, k) =>
          (stats.zeroCopy ? OUTLET_FLAGS.swap : 0) | (members[k].full === 'block' ? OUTLET_FLAGS.block : 0),
      ),
      groups: Uint32Array.from(members, ({ group }) => group),
    });
  }

  stats(): DistributorStats {
    const all = this.outlets.map(({ stats }) => ({ ...stats }));
    const { refused, meter, drops } = this;
    const undelivered = all.reduce((sum, { dropped }) => sum + dropped, 0);
    return { ...meter.traffic(), dropped: drops.count(), refused, undelivered, consumers: all };
  }

  override details() {
    const shares = this.outlets.map(({ stats: { port, packets, bytes } }) => ({ name: port, packets, bytes }));
    return { shares: { consumers: shares.sort((a, b) => b.packets - a.packets) } };
  }

  protected round(): number {
    this.from.rxSync();
    this.blocked = undefined;
    let taken = 0;
    for (let k = 0; k < this.inlets.length && this.left > 0 && this.blocked === undefined; k++) {
      if (this.inlets[k].ring.available > 0) taken += this.deal(this.inlets[k]);
    }
    return taken;
  }

  /** Packets, or room where there was none. */
  protected wants(): Want[] {
    const { blocked, from } = this;
    if (blocked === undefined) return [{ port: from, direction: POLL.IN }];
    return blocked.ring.available > 0 ? [] : [{ port: blocked.port, direction: POLL.OUT }];
  }

  /** A frame of several slots may wait for more room where there is some already. */
  protected override get longestSleep(): number {
    return this.blocked !== undefined && this.blocked.ring.available > 0 ? 1 : Infinity;
  }

  protected flush(): void {
    this.from.rxSync();
    for (const { port } of this.outlets) port.txSync();
  }

  private deal({ ring, choices }: Inlet): number {
    const { numbers, outlets, result } = this;
    const { available } = ring;
    choices?.ask(available);
    for (let k = 0, at = 0; k < outlets.length; k++, at += OUTLET.size) {
      const { port, ring: to } = outlets[k];
      // A pipe or a card shows what room it has by a sync only.
      if (to.available < available) port.txSync();
      numbers[at + OUTLET.head] = to.head;
      numbers[at + OUTLET.room] = to.available;
    }
    const taken = checkErrno(
      this.native.deal(ring.byteOffset, ring.head, available, this.left, numbers, result, choices?.numbers),
      this.from,
    );
    for (let k = 0, at = 0; k < outlets.length; k++, at += OUTLET.size) {
      const { stats, ring: to, port } = outlets[k];
      stats.dropped += numbers[at + OUTLET.dropped];
      if (numbers[at + OUTLET.used] === 0) continue;
      stats.packets += numbers[at + OUTLET.packets];
      stats.bytes += numbers[at + OUTLET.bytes];
      to.advance(numbers[at + OUTLET.used]);
      port.txSync();
    }
    this.meter.add(result[DEALT.packets], result[DEALT.bytes]);
    this.refused += result[DEALT.refused];
    if (result[DEALT.blocked] >= 0) this.blocked = outlets[result[DEALT.blocked]];
    if (taken > 0) {
      ring.advance(taken);
      choices?.forget(taken);
    } else if (this.blocked === undefined) {
      return this.skipEndless(ring, choices);
    }
    return taken;
  }

  /** A chain of slots that fills the ring and has no end is no frame; any other one will be whole when the rest has come. */
  private skipEndless(ring: Ring, choices: Choices | undefined): number {
    const { available } = ring;
    if (wholeFrame(ring, ring.head, available) !== ring.numSlots - 1) return 0;
    ring.advance(available);
    choices?.forget(available);
    return available;
  }
}

function consumers(to: unknown): { port: Port; full: WhenFull | undefined; group: number }[] {
  if (!Array.isArray(to) || to.length === 0) throw wrongType('to', 'an array of ports', to);
  const groups = (to.every((each) => Array.isArray(each)) ? to : [to]) as unknown[][];
  const members = groups.flatMap((group, index) => {
    if (group.length === 0) throw wrongValue('to', 'must have a consumer in each group', to);
    return group.map((each) => {
      if (each instanceof Port) return { port: each, full: undefined, group: index };
      const { port, full } = checkObject('to', each, ['port', 'full']) as { port: unknown; full?: WhenFull };
      if (!(port instanceof Port)) throw wrongType('to', 'ports, or objects with a port', each);
      if (full !== undefined) checkFull('to', full);
      return { port, full, group: index };
    });
  });
  if (members.length > MOST_CONSUMERS) throw wrongValue('to', `must be at most ${MOST_CONSUMERS} ports`, to);
  if (new Set(members.map(({ port }) => port)).size < members.length)
    throw wrongValue('to', 'must be different ports', to);
  return members;
}

function checkFull(argument: string, full: unknown): void {
  if (full !== 'drop' && full !== 'block') throw wrongValue(argument, "must be 'drop' or 'block'", full);
}
