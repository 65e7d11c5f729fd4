import { types } from 'node:util';
import { wrongType, wrongValue } from '../check';
import type { Ring } from '../ring';

/**
 * Looks at a frame where it lies, and may change its bytes in place: `u8[offset]` to `u8[offset + length - 1]`. Of a frame over
 * several slots it is the first slot's part; `ring` and `slot` lead to the others, and to flags and length. What it returns
 * counts where an app says so.
 *
 * For the headers, keep a `PacketView` of `port.u8` and call its `parse(offset, length)`.
 */
export type FrameHook = (u8: Uint8Array, offset: number, length: number, ring: Ring, slot: number) => unknown;

/** Looks at a batch: whole frames in `slots` slots of a ring, from slot `first` on (and from slot 0 behind the last). */
export type BatchHook = (ring: Ring, first: number, slots: number, frames: number) => unknown;

/**
 * What may serve as a hook, or undefined.
 *
 * @throws TypeError for anything else, async functions among it: their frame would be gone before they say anything
 */
export function checkHook(argument: string, hook: unknown): void {
  if (hook === undefined) return;
  if (typeof hook !== 'function') throw wrongType(argument, 'a function', hook);
  if (types.isAsyncFunction(hook)) {
    throw wrongValue(argument, 'must not be async: a frame stays where it is only until the hook returns', hook);
  }
}
