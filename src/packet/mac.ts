import { checkString, outOfRange, wrongValue } from '../check';

/** The address that every station takes as its own. */
export const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff';

const MAC_FORM = /^[0-9a-f]{1,2}(?:([:-])[0-9a-f]{1,2})(?:\1[0-9a-f]{1,2}){4}$/i;

/**
 * Reads a MAC address: six hexadecimal numbers of one or two digits, all joined by `:` or all by `-`.
 *
 * @param text For example `02:00:00:00:00:01`
 * @returns Its six bytes
 * @throws TypeError (`ERR_INVALID_ARG_VALUE`, `ERR_INVALID_ARG_TYPE`) for anything else
 */
export function parseMac(text: string): Uint8Array {
  checkString('mac', text);
  if (!MAC_FORM.test(text)) throw wrongValue('mac', 'must be a MAC address such as 02:00:00:00:00:01', text);
  return Uint8Array.from(text.split(/[:-]/), (part) => parseInt(part, 16));
}

/**
 * Writes a MAC address in the usual form, lower case with colons.
 *
 * @param bytes Memory that holds it
 * @param offset Where it starts, 0 by default
 * @throws RangeError when fewer than six bytes are left
 */
export function formatMac(bytes: Uint8Array, offset = 0): string {
  if (!(offset >= 0 && offset + 6 <= bytes.length)) {
    throw outOfRange('offset', `6 bytes before the end of ${bytes.length}`, offset);
  }
  return Array.from(bytes.subarray(offset, offset + 6), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
