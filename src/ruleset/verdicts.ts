/** What the rules have decided about a frame: the values of {@link Verdicts.action}. */
export const VERDICT = {
  /** It may pass. */
  ALLOW: 0,
  /** It is to be dropped. */
  DENY: 1,
  /** It belongs into a pipe: {@link Verdicts.target} says which. */
  PIPE: 2,
  /** It belongs into a queue: {@link Verdicts.target} says which. */
  QUEUE: 3,
} as const;

const BYTES = 8;
const ONE_PASS = 1;
const EDITED = 2;
const LOGGED = 4;

/**
 * The verdicts on a batch of frames, by index of the frame in the batch. One object is filled again and again: read it
 * before the next batch is classified.
 */
export class Verdicts {
  /** Frames of the batch. */
  length = 0;
  /** Slots that they take. */
  slots = 0;
  /** For each slot, from the batch's first one on: 1 if its frame is allowed, 0 if not. */
  pass: Uint8Array;

  /** @internal 8 bytes per frame: rule, target, slots (16 bits each), action, flags. */
  records: Uint8Array;
  private words: Uint16Array;

  /** @internal */
  constructor(capacity: number) {
    this.pass = new Uint8Array(capacity);
    this.records = new Uint8Array(BYTES * capacity);
    this.words = new Uint16Array(this.records.buffer);
  }

  /** @internal Room for so many frames and slots. */
  reserve(capacity: number): void {
    // Both: memory may have been detached by a transfer.
    if (capacity <= this.pass.length && BYTES * capacity <= this.records.length) return;
    this.pass = new Uint8Array(capacity);
    this.records = new Uint8Array(BYTES * capacity);
    this.words = new Uint16Array(this.records.buffer);
  }

  /** What is to be done with frame `i`: see {@link VERDICT}. */
  action(i: number): number {
    return this.records[(i << 3) + 6];
  }

  /** Whether frame `i` may pass. */
  allows(i: number): boolean {
    return this.records[(i << 3) + 6] === VERDICT.ALLOW;
  }

  /** Number of the pipe or queue that frame `i` goes to, otherwise 0. */
  target(i: number): number {
    return this.words[(i << 2) + 1];
  }

  /** Number of the rule that decided about frame `i`; 65535 is the default rule. */
  rule(i: number): number {
    return this.words[i << 2];
  }

  /** Slots of frame `i`. */
  slotsOf(i: number): number {
    return this.words[(i << 2) + 2];
  }

  /** Of a frame for a pipe or queue: whether it is accepted when it comes out, without seeing further rules. */
  onePass(i: number): boolean {
    return (this.records[(i << 3) + 7] & ONE_PASS) !== 0;
  }

  /** Whether rules changed bytes of frame `i` (`setdscp`). */
  edited(i: number): boolean {
    return (this.records[(i << 3) + 7] & EDITED) !== 0;
  }

  /** Whether a rule with `log` matched frame `i`. */
  logged(i: number): boolean {
    return (this.records[(i << 3) + 7] & LOGGED) !== 0;
  }
}
