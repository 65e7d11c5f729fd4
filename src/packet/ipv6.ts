import { isIPv6 } from 'node:net';
import { checkString, outOfRange, wrongValue } from '../check';

/**
 * Reads an IPv6 address in any of the forms of RFC 4291, section 2.2, without a zone.
 *
 * @param text for example `fd00::1` or `::ffff:10.0.0.1`
 * @returns its 16 bytes
 * @throws TypeError (`ERR_INVALID_ARG_VALUE`, `ERR_INVALID_ARG_TYPE`) for anything else
 */
export function parseIpv6(text: string): Uint8Array {
  checkString('ip', text);
  if (!isIPv6(text) || text.includes('%')) throw wrongValue('ip', 'must be an IPv6 address such as fd00::1', text);
  const [before, after] = text.split('::').map(groups);
  const zeros = after === undefined ? [] : new Array<number>(8 - before.length - after.length).fill(0);
  const all = [...before, ...zeros, ...(after ?? [])];
  return Uint8Array.from(all.flatMap((group) => [group >>> 8, group & 0xff]));
}

/** The 16-bit groups of a part of an address; a dotted end makes two of them. */
function groups(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [parseInt(group, 16)];
    const [a, b, c, d] = group.split('.').map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

/**
 * Writes an IPv6 address as RFC 5952 says: lower case, no leading zeros, the longest run of zeros as `::`.
 *
 * @param bytes memory that holds it
 * @param offset where it starts, 0 by default
 * @throws RangeError when fewer than 16 bytes are left
 */
export function formatIpv6(bytes: Uint8Array, offset = 0): string {
  if (!(offset >= 0 && offset + 16 <= bytes.length)) {
    throw outOfRange('offset', `16 bytes before the end of ${bytes.length}`, offset);
  }
  const all = Array.from({ length: 8 }, (_, k) => (bytes[offset + 2 * k] << 8) | bytes[offset + 2 * k + 1]);
  const { start, length } = longestZeros(all);
  const text = (from: number, to: number) =>
    all
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return length < 2 ? text(0, 8) : `${text(0, start)}::${text(start + length, 8)}`;
}

function longestZeros(all: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && all[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
    start += length;
  }
  return best;
}

/** The address whose 16 bytes are a number, in the form of {@link formatIpv6}. */
export function ipv6OfNumber(address: bigint): string {
  return formatIpv6(Uint8Array.from({ length: 16 }, (_, k) => Number((address >> BigInt(8 * (15 - k))) & 0xffn)));
}
