import { checkInteger, checkString, wrongValue } from '../check';

const IPV4_FORM = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/**
 * Reads an IPv4 address in dotted decimal form. Short forms and numbers with leading zeros, which some programs take
 * as octal, are refused.
 *
 * @param text For example `10.0.0.1`
 * @returns The address as a number from 0 to 2^32 - 1, its first part in the highest byte
 * @throws TypeError (`ERR_INVALID_ARG_VALUE`, `ERR_INVALID_ARG_TYPE`) for anything else
 */
export function parseIpv4(text: string): number {
  checkString('ip', text);
  if (!IPV4_FORM.test(text)) throw wrongValue('ip', 'must be an IPv4 address such as 10.0.0.1', text);
  return text.split('.').reduce((address, part) => address * 256 + Number(part), 0);
}

/**
 * Writes an IPv4 address in dotted decimal form.
 *
 * @param address Number from 0 to 2^32 - 1, as {@link parseIpv4} makes it
 * @throws RangeError for other numbers
 */
export function formatIpv4(address: number): string {
  checkInteger('address', address, 0, 0xffffffff);
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}
