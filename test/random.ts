/** A small seeded generator (xorshift32): a failing test fails again with the same numbers. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0 || 1;
  }

  /** Any 32-bit number, 0 to 2^32 - 1. */
  u32(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return x >>> 0;
  }

  /** A number from 0 to `limit` - 1. */
  below(limit: number): number {
    return this.u32() % limit;
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  /** `length` random bytes. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.u32() >>> 11);
  }
}

/** Seed of a randomised test: `NM_SEED`, or always the same. */
export function seed(): number {
  return Number(process.env.NM_SEED ?? 1);
}

/** How many rounds a randomised test makes: `NM_ROUNDS` times its standard. */
export function rounds(standard: number): number {
  return Math.ceil(standard * Number(process.env.NM_ROUNDS ?? 1));
}
