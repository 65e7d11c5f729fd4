/** Frames that come, on their way to the native part. */

import { outOfRange } from '../check';
import type { NativeEmulator } from '../native-emulator';

/** The longest frame, in bytes. */
export const MOST_FRAME = 65280;
/** The latest time, in ns: beyond it numbers are not exact. */
export const MOST_TIME = Number.MAX_SAFE_INTEGER;

const BATCH_BYTES = 1 << 18;
const BATCH_FRAMES = 1024;

/** Collects frames, so that many of them are handed over with one call. */
export class Arrivals {
  private readonly bytes = new Uint8Array(BATCH_BYTES);
  private readonly places = new Uint32Array(3 * BATCH_FRAMES);
  private readonly times = new Float64Array(BATCH_FRAMES);
  private count = 0;
  private used = 0;

  hasRoom(length: number): boolean {
    return this.count < BATCH_FRAMES && this.used + length <= BATCH_BYTES;
  }

  add(frame: Uint8Array, time: number, out: boolean): void {
    this.bytes.set(frame, this.used);
    const place = 3 * this.count;
    this.places[place] = this.used;
    this.places[place + 1] = frame.length;
    this.places[place + 2] = out ? 1 : 0;
    this.times[this.count++] = time;
    this.used += frame.length;
  }

  hand(native: NativeEmulator): void {
    const { count } = this;
    if (count === 0) return;
    this.count = this.used = 0;
    const result = native.put(this.bytes, this.places, this.times, count);
    if (result < 0) throw new Error(`put ${result}`);
  }
}

/**
 * Looks at frames `from` to `to` of columns, as {@link Emulator.putAll} takes them.
 *
 * @returns the time of the last one; `now` if there is none
 */
export function checkFrames(
  bytes: number,
  places: Uint32Array,
  times: Float64Array,
  from: number,
  to: number,
  now: number,
): number {
  for (let i = from; i < to; i++) {
    const time = times[i];
    // Nothing is carried from turn to turn: V8 would make an object of it for each frame.
    if (!(time >= now && (i === from || time >= times[i - 1]) && time <= MOST_TIME)) {
      throw outOfRange(`times[${i}]`, `from ${i === from ? now : times[i - 1]} to 2^53 - 1 ns`, time);
    }
    const [offset, length] = [places[3 * i], places[3 * i + 1]];
    if (length < 1 || length > MOST_FRAME) {
      throw outOfRange(`places[${3 * i + 1}]`, `a length from 1 to ${MOST_FRAME}`, length);
    }
    if (offset + length > bytes) throw outOfRange(`places[${3 * i}]`, `within the ${bytes} bytes of "data"`, offset);
    const out = places[3 * i + 2];
    if (out > 1) throw outOfRange(`places[${3 * i + 2}]`, '1 (out) or 0 (in)', out);
  }
  return to > from ? times[to - 1] : now;
}
