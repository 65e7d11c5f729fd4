import { move } from '../../bulk';
import { errno } from '../../errno';
import { systemError } from '../../system-error';
import type { Port } from '../../port';
import type { Ring } from '../../ring';
import { wholeFrame } from '../frames';
import type { Ruleset } from '../../ruleset';
import type { FrameHook } from '../frame-hook';
import type { Judge } from '../judge';
import { RuleVerdicts } from '../rule-verdicts';
import { Verdicts } from '../verdicts';

/** What has gone one way. */
export interface LaneStats {
  from: string;
  to: string;
  packets: number;
  /** Bytes of frames, without CRC, preamble and gap. */
  bytes: number;
  /** Packets that the hook or the filter dropped. */
  refused: number;
  /** Packets that could not be forwarded: they need more slots than a frame may have. */
  skipped: number;
}

/** An rx ring and the tx ring that its frames go to. */
interface Pair {
  from: Ring;
  to: Ring;
  verdicts: Judge | undefined;
}

/** What decides about the frames of one direction: a hook, or rules, for which they are `out` or `in`. */
export type Decision = FrameHook | { rules: Ruleset; out: boolean } | undefined;

/** One direction of a bridge: every rx ring of one port, each with a tx ring of another. */
export class Lane {
  readonly from: Port;
  readonly to: Port;
  /** Whether the last look left frames behind, because there was no room for them. */
  blocked = false;
  private readonly pairs: readonly Pair[];
  private readonly swap: boolean;
  /** Frames, bytes, and frames refused: the native part counts here. */
  private readonly counts = new Float64Array(3);
  private skipped = 0;

  constructor(from: Port, to: Port, swap: boolean, decision: Decision) {
    this.from = from;
    this.to = to;
    this.swap = swap;
    this.pairs = from.rxRings.map((ring, k) => ({
      from: ring,
      to: partner(ring, k, to),
      verdicts: judgeOf(ring, decision, to),
    }));
  }

  get packets(): number {
    return this.counts[0];
  }

  get bytes(): number {
    return this.counts[1];
  }

  /** Packets taken from the rx rings, whatever became of them. */
  get taken(): number {
    return this.counts[0] + this.counts[2] + this.skipped;
  }

  get refused(): number {
    return this.counts[2];
  }

  stats(): LaneStats {
    const { from, to, packets, bytes, refused, skipped } = this;
    return { from: from.name, to: to.name, packets, bytes, refused, skipped };
  }

  /** Whether there is any room where frames are waiting for it. */
  get hasRoom(): boolean {
    return this.pairs.every(({ from, to }) => from.available === 0 || to.available > 0);
  }

  /**
   * Receives, and forwards what there is room for.
   *
   * @param most frames at most
   * @returns slots taken
   */
  step(most: number): number {
    this.from.rxSync();
    this.blocked = false;
    let taken = 0;
    for (let k = 0; k < this.pairs.length && most > 0; k++) {
      const pair = this.pairs[k];
      const available = pair.from.available;
      if (available === 0) continue;
      const n = this.forward(pair, available > most ? most : available);
      taken += n;
      most -= n;
    }
    // A pipe or a card shows what room it has by a sync only.
    if (taken > 0 || this.blocked) this.to.txSync();
    return taken;
  }

  private forward(pair: Pair, count: number): number {
    const { from, to, verdicts } = pair;
    // What has no room is judged when there is some: until then more may be known.
    const room = to.available;
    if (verdicts !== undefined) {
      if (room === 0) {
        this.blocked = true;
        return 0;
      }
      const judged = verdicts.judge(count);
      // Nothing that is whole: the native part would move nothing either.
      if (judged === 0) return this.look(pair, room);
      count = judged;
    }
    const moved = move(from, to, count, this.swap, verdicts?.bytes, this.counts);
    if (moved > 0) {
      verdicts?.forget(moved);
      this.blocked ||= moved < count && from.available > 0;
      return moved;
    }
    if (moved === 0) return this.look(pair, room);
    if (moved !== -errno.EMSGSIZE) {
      throw systemError(`forwarding to '${to.port.name}' from`, -moved, {
        port: from.port.name,
        device: from.port.device,
        call: 'forward',
      });
    }
    return this.skip(pair);
  }

  /** Nothing could be moved: there is no room, or the rest of the frame has still to come. */
  private look(pair: Pair, room: number): number {
    const { from } = pair;
    if (room > 0) {
      const slots = wholeFrame(from, from.head, from.available);
      if (slots === 0) return 0;
      if (slots === from.numSlots - 1) return this.skip(pair); // a chain without an end fills the ring
    }
    this.blocked = true;
    return 0;
  }

  private skip({ from, verdicts }: Pair): number {
    const slots = from.frameSlots(from.head) || from.available;
    from.advance(slots);
    verdicts?.forget(slots);
    this.skipped++;
    return slots;
  }
}

function judgeOf(ring: Ring, decision: Decision, to: Port): Judge | undefined {
  if (decision === undefined) return undefined;
  if (typeof decision === 'function') return new Verdicts(ring, decision);
  return new RuleVerdicts(ring, decision.rules, decision.out, to.name);
}

/** Cards' rings to cards' rings, the host's to the host's; where there is only one kind, to that. */
function partner(ring: Ring, k: number, to: Port): Ring {
  const host = ring.kind.startsWith('host');
  const alike = to.txRings.filter(({ kind }) => kind.startsWith('host') === host);
  const rings = alike.length > 0 ? alike : to.txRings;
  return rings[(alike.length > 0 ? ring.id : k) % rings.length];
}
