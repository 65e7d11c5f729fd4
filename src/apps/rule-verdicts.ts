import type { Ring } from '../ring';
import type { Ruleset } from '../ruleset';
import type { Judge } from './judge';

/** What rules say about frames of a ring, a batch in one native call. Each frame is judged once. */
export class RuleVerdicts implements Judge {
  readonly bytes: Uint8Array;
  private readonly ring: Ring;
  private readonly rules: Ruleset;
  private readonly out: boolean;
  private readonly xmit: string;
  private judged = 0;

  /** @param xmit the port that frames go to, if any */
  constructor(ring: Ring, rules: Ruleset, out = false, xmit = '') {
    this.ring = ring;
    this.rules = rules;
    this.out = out;
    this.xmit = xmit;
    this.bytes = new Uint8Array(ring.numSlots);
  }

  judge(count: number): number {
    const { ring, judged } = this;
    if (count > judged) {
      let first = ring.head + judged;
      if (first >= ring.numSlots) first -= ring.numSlots;
      this.judged += this.rules.filterSlots(ring, first, count - judged, this.out, this.xmit, this.bytes, judged);
    }
    return Math.min(this.judged, count);
  }

  forget(count: number): void {
    // A chain without an end goes without having been judged.
    this.judged = Math.max(0, this.judged - count);
    if (this.judged > 0) this.bytes.copyWithin(0, count, count + this.judged);
  }
}
