/** Words of ring memory are read in the host's byte order, packets are in network order. */

import { endianness } from 'node:os';

/** Whether the host stores the lowest byte of a number first. */
export const LITTLE = endianness() === 'LE';

/** A 32-bit number as the host stores it so that its bytes lie in network order, and the other way round. */
export function networkOrder(value: number): number {
  if (!LITTLE) return value | 0;
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}

/** The word that holds length and flags of a slot: two 16-bit numbers, the length first. */
export function lengthAndFlags(length: number, flags: number): number {
  return LITTLE ? length | (flags << 16) : (length << 16) | flags;
}

/** Bits of a slot's second word that hold the length. */
export const LENGTH_SHIFT = LITTLE ? 0 : 16;
/** Where the flags begin in it. */
export const FLAGS_SHIFT = LITTLE ? 16 : 0;

/** A 16-bit number as the host stores it so that its bytes lie in network order. */
export function halfInMemory(value: number): number {
  return LITTLE ? ((value & 0xff) << 8) | (value >>> 8) : value;
}

/** Where the first two bytes of a word are in its value. */
export const FIRST_HALF_SHIFT = LITTLE ? 0 : 16;
