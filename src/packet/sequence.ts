import { checkInteger, outOfRange } from '../check';
import { SequenceWindow } from './sequence-window';

/** Sequence numbers remembered by default. */
export const DEFAULT_WINDOW = 65536;

/** What became of the packets of a stream. */
export interface SequenceCounts {
  /** Packets that arrived, duplicates included. */
  received: number;
  /** Numbers that are missing between the lowest and the highest that arrived. */
  lost: number;
  /** Packets that arrived after one with a higher number (and were not there before). */
  reordered: number;
  /** Packets whose number had arrived before. */
  duplicated: number;
  /** Times that the numbering started again, with a new generator for example. */
  restarts: number;
}

/** Throws unless `window` is a possible window size. */
export function checkWindow(window: number): void {
  checkInteger('window', window, 32, 1 << 24);
  if ((window & (window - 1)) !== 0) throw outOfRange('window', 'a power of two', window);
}

const RECEIVED = 0;
const LOST = 1;
const REORDERED = 2;
const DUPLICATED = 3;
const RESTARTS = 4;
/** Numbers from the lowest to the highest, as far as the window is up to date. */
const SPAN = 5;
/** Packets received when the window was last brought up to date; all since then were in order. */
const SETTLED = 6;

/**
 * Follows the sequence numbers of one stream. Numbers are 32-bit and wrap: only their distance counts.
 *
 * A number ahead of what is due opens a gap (`lost`); a late one within the window closes its part of the gap again
 * (`reordered`) or is a second copy (`duplicated`). Later than the window nobody can tell these two apart: such a
 * packet counts as reordered and its number stays lost, unless the very next packet carries the number behind it: then
 * the generator has begun anew (`restarts`), and counting goes on from there without a gap.
 *
 * In-order packets cost one comparison and two additions: the window is brought up to date only when something is out
 * of order. Nothing is allocated after construction.
 */
export class SequenceTracker {
  private readonly window: SequenceWindow;
  /** Counters as doubles: no packet count outgrows them, and storing one never allocates. */
  private readonly counts = new Float64Array(7);
  /** The number that is due, as a signed 32-bit integer. */
  private next = 0;
  /** Lowest number that arrived; of use only as long as the span is shorter than the window. */
  private lowest = 0;
  /** The number that would prove a restart, and how many packets had been received when it was set (-1: none). */
  private restart = 0;
  private restartAt = -1;

  /** @param window How many numbers back a late packet is recognised: a power of two from 32 to 2^24 */
  constructor(window: number = DEFAULT_WINDOW) {
    checkWindow(window);
    this.window = new SequenceWindow(window);
  }

  /** Packets that arrived, duplicates included. */
  get received(): number {
    return this.counts[RECEIVED];
  }

  /** Numbers missing between the lowest and the highest that arrived. */
  get lost(): number {
    return this.counts[LOST];
  }

  /** Packets that arrived after one with a higher number. */
  get reordered(): number {
    return this.counts[REORDERED];
  }

  /** Packets whose number had arrived before. */
  get duplicated(): number {
    return this.counts[DUPLICATED];
  }

  /** Times that the numbering started again. */
  get restarts(): number {
    return this.counts[RESTARTS];
  }

  /**
   * Takes one packet in.
   *
   * @param sequence Its number; the lowest 32 bits count
   */
  add(sequence: number): void {
    const number = sequence | 0;
    const received = this.counts[RECEIVED]++;
    if (number === this.next && received !== 0) {
      this.next = (number + 1) | 0;
    } else {
      this.addOther(number, received);
    }
  }

  /** All counts in one object. */
  toJSON(): SequenceCounts {
    const { received, lost, reordered, duplicated, restarts } = this;
    return { received, lost, reordered, duplicated, restarts };
  }

  /** Any packet but the one that was due; `received` doesn't count it yet. */
  private addOther(number: number, received: number): void {
    if (received === 0) {
      this.begin(number);
    } else {
      this.settle(received);
      const ahead = (number - this.next) | 0;
      if (ahead > 0) this.skip(number, ahead);
      else if (-ahead <= this.window.size) this.late(number);
      else this.stale(number, received);
    }
    this.counts[SETTLED] = received + 1;
  }

  /** Enters the packets that came in order since the last time into the window. */
  private settle(received: number): void {
    const inOrder = received - this.counts[SETTLED];
    const kept = Math.min(inOrder, this.window.size);
    this.window.fill((this.next - kept) | 0, kept, true);
    this.counts[SPAN] += inOrder;
  }

  private begin(number: number): void {
    this.window.add(number);
    this.counts[SPAN] = 1;
    this.lowest = number;
    this.next = (number + 1) | 0;
  }

  /** The numbers from the one due up to this one didn't come, or not yet. */
  private skip(number: number, missing: number): void {
    this.counts[LOST] += missing;
    this.counts[SPAN] += missing + 1;
    this.window.fill(this.next, missing, false);
    this.window.add(number);
    this.next = (number + 1) | 0;
  }

  private late(number: number): void {
    const { counts, window } = this;
    if (window.has(number)) {
      counts[DUPLICATED]++;
      return;
    }
    window.add(number);
    counts[REORDERED]++;
    const below = (this.lowest - number) | 0;
    if (below > 0 && counts[SPAN] < window.size) {
      // Earlier than the first that arrived: the stream began before we knew, and what lies between is missing too.
      counts[LOST] += below - 1;
      counts[SPAN] += below;
      this.lowest = number;
    } else {
      counts[LOST]--;
    }
  }

  private stale(number: number, received: number): void {
    const { counts } = this;
    if (received === this.restartAt && number === this.restart) {
      counts[REORDERED]--; // the packet before this one was the first of the new numbering, not a late one
      counts[RESTARTS]++;
      this.restartAt = -1;
      this.window.clear();
      this.begin((number - 1) | 0);
      this.window.add(number);
      counts[SPAN]++;
      this.next = (number + 1) | 0;
      return;
    }
    counts[REORDERED]++;
    this.restart = (number + 1) | 0;
    this.restartAt = received + 1;
  }
}
