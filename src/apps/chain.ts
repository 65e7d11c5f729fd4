import { MAX_FRAGS } from '../constants';

/** Most bytes of a frame over several slots: a slot's length has 16 bits. */
const MOST = MAX_FRAGS * 0xffff;

/** The pieces of a frame that spans several slots, put together in memory that is used again and again. */
export class Chain {
  /** Memory: reserved here, and committed by the system as far as it is used. */
  readonly bytes = new Uint8Array(MOST);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  /** Appends a piece. What exceeds the longest frame there can be is left out. */
  add(from: Uint8Array, offset: number, length: number): void {
    const n = Math.min(length, MOST - this.length);
    this.bytes.set(from.subarray(offset, offset + n), this.length);
    this.length += n;
  }
}
