/**
 * One bit for each of the last N sequence numbers: seen or not. Numbers are 32-bit and wrap; the caller sees to it that
 * only numbers within one window are asked for.
 */
export class SequenceWindow {
  /** How many numbers are remembered, a power of two. */
  readonly size: number;
  private readonly words: Int32Array;
  private readonly mask: number;

  /** @param size A power of two, at least 32 */
  constructor(size: number) {
    this.size = size;
    this.words = new Int32Array(size >>> 5);
    this.mask = this.words.length - 1;
  }

  /** True when the number is marked as seen. */
  has(sequence: number): boolean {
    return ((this.words[(sequence >>> 5) & this.mask] >>> (sequence & 31)) & 1) !== 0;
  }

  /** Marks one number as seen. */
  add(sequence: number): void {
    this.words[(sequence >>> 5) & this.mask] |= 1 << (sequence & 31);
  }

  /** Marks `count` numbers from `from` on as seen (`seen` true) or not seen; only the last window's worth is kept. */
  fill(from: number, count: number, seen: boolean): void {
    const { words, mask } = this;
    let at = from;
    let left = count;
    if (left > this.size) {
      at = (from + (left - this.size)) | 0;
      left = this.size;
    }
    while (left > 0) {
      const bit = at & 31;
      const run = Math.min(32 - bit, left);
      // `run` ones from `bit` on; a shift by 32 would be a shift by none.
      const bits = run === 32 ? -1 : ((1 << run) - 1) << bit;
      const word = (at >>> 5) & mask;
      words[word] = seen ? words[word] | bits : words[word] & ~bits;
      at = (at + run) | 0;
      left -= run;
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.words.fill(0);
  }
}
