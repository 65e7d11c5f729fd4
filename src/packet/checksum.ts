import { outOfRange } from '../check';

/**
 * The internet checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit words.
 *
 * Sums are what the functions here hand around: plain numbers that may be added up in any order and folded at the end.
 * That the order doesn't matter is what makes templates work: the sum of everything that never changes is taken once,
 * and each packet adds its own two or three words to it.
 */

/** Bytes summed before folding: 32768 words of 16 bits stay below 2^31, where V8 still adds plain integers. */
const CHUNK = 0x10000;

/**
 * Folds a sum to 16 bits: carries are added back in at the bottom.
 *
 * @param sum Sum of 16-bit words, 0 to 2^32 - 1
 * @returns 0 to 0xffff; 0 only if `sum` is 0
 */
export function foldSum(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}

/**
 * Ones' complement sum of bytes, as 16-bit words in network order; an odd byte at the end counts as the high half of a
 * word. Nothing is checked: the range must lie in `bytes`.
 *
 * @param bytes Memory to be summed
 * @param offset First byte
 * @param length Number of bytes
 * @returns The sum, folded to 16 bits
 */
export function sumBytes(bytes: Uint8Array, offset: number, length: number): number {
  const end = offset + length;
  let total = 0;
  let at = offset;
  while (at < end) {
    const stop = end - at > CHUNK ? at + CHUNK : end;
    let sum = 0;
    for (; at + 8 <= stop; at += 8) {
      sum +=
        ((bytes[at] << 8) | bytes[at + 1]) +
        ((bytes[at + 2] << 8) | bytes[at + 3]) +
        ((bytes[at + 4] << 8) | bytes[at + 5]) +
        ((bytes[at + 6] << 8) | bytes[at + 7]);
    }
    for (; at + 2 <= stop; at += 2) sum += (bytes[at] << 8) | bytes[at + 1];
    if (at < stop) sum += bytes[at++] << 8;
    total = foldSum(total + foldSum(sum));
  }
  return total;
}

/**
 * As {@link sumBytes}, through a DataView: about half the time on long ranges, because it reads four bytes at once
 * whatever the alignment. The range must lie in `view`; a RangeError of the DataView says so otherwise.
 *
 * @param view Memory to be summed
 * @param offset First byte
 * @param length Number of bytes
 * @returns The sum, folded to 16 bits
 */
export function sumView(view: DataView, offset: number, length: number): number {
  let total = 0;
  let at = offset;
  let left = length;
  for (; left > CHUNK; left -= CHUNK, at += CHUNK) total = foldSum(total + sumChunk(view, at, CHUNK));
  return foldSum(total + sumChunk(view, at, left));
}

/**
 * Words are read in little-endian order, which most machines can do without swapping. A ones' complement sum of swapped
 * words is the swapped sum (RFC 1071, section 2 B), so one swap at the end puts it right.
 */
function sumChunk(view: DataView, offset: number, length: number): number {
  const end = offset + length;
  let at = offset;
  // Sum of the upper halves, and sum of whole words modulo 2^32. What the latter has beyond the former is the sum of
  // the lower halves: that saves masking them out of each word.
  let high = 0;
  let words = 0;
  for (; at + 16 <= end; at += 16) {
    const a = view.getInt32(at, true);
    const b = view.getInt32(at + 4, true);
    const c = view.getInt32(at + 8, true);
    const d = view.getInt32(at + 12, true);
    high += (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16);
    words = (words + a + b + c + d) | 0;
  }
  for (; at + 4 <= end; at += 4) {
    const word = view.getInt32(at, true);
    high += word >>> 16;
    words = (words + word) | 0;
  }
  let low = (words - (high << 16)) >>> 0;
  if (at + 2 <= end) {
    low += view.getUint16(at, true);
    at += 2;
  }
  if (at < end) low += view.getUint8(at);
  const sum = foldSum(low + high);
  return ((sum & 0xff) << 8) | (sum >>> 8);
}

/**
 * Internet checksum of a range of bytes, ready to be stored in network order.
 *
 * @param bytes Memory
 * @param offset First byte, 0 by default
 * @param length Number of bytes, by default all behind `offset`
 * @param initial Sum to start from, for example of a pseudo header; 0 to 2^31
 * @throws RangeError when the range doesn't lie in `bytes`
 */
export function internetChecksum(bytes: Uint8Array, offset = 0, length = bytes.length - offset, initial = 0): number {
  if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) {
    throw outOfRange('offset, length', `a range within ${bytes.length} bytes`, [offset, length]);
  }
  return ~foldSum(sumBytes(bytes, offset, length) + foldSum(initial)) & 0xffff;
}

/**
 * New checksum after one 16-bit word was changed, without looking at the rest (RFC 1624, equation 3:
 * `HC' = ~(~HC + ~m + m')`).
 *
 * For UDP, two values are special: a checksum of 0 in the packet means that there is none, which must stay so, and a
 * result of 0 is to be stored as 0xffff.
 *
 * @param checksum Checksum so far
 * @param oldWord The word before, 0 to 0xffff
 * @param newWord The word now, 0 to 0xffff
 */
export function updateChecksum(checksum: number, oldWord: number, newWord: number): number {
  return ~foldSum((~checksum & 0xffff) + (~oldWord & 0xffff) + newWord) & 0xffff;
}

/**
 * As {@link updateChecksum}, for a 32-bit field such as an IPv4 address or a sequence number.
 *
 * @param checksum Checksum so far
 * @param oldValue The field before, any 32-bit number (signed or not)
 * @param newValue The field now
 */
export function updateChecksum32(checksum: number, oldValue: number, newValue: number): number {
  const sum =
    (~checksum & 0xffff) + (~oldValue & 0xffff) + (~oldValue >>> 16) + (newValue & 0xffff) + (newValue >>> 16);
  return ~foldSum(sum) & 0xffff;
}
