import { isIPv4, isIPv6 } from 'node:net';
import { checkObject, wrongType, wrongValue } from '../../check';
import { parseIpv4 } from '../../packet/ipv4';
import { parseIpv6 } from '../../packet/ipv6';
import { parseMac } from '../../packet/mac';
import { read16, write16 } from '../../packet/view/bytes';

/** Addresses, in 16-bit words, that become others: where `mask` has ones they are `from`, where `set` has ones they become `to`. */
export interface AddressRule {
  from: readonly number[];
  mask: readonly number[];
  to: readonly number[];
  set: readonly number[];
}

/**
 * Addresses or networks and what becomes of them: `{ '10.0.0.0/8': '192.168.0.0/16' }`. Bits beyond the prefix on the right side stay
 * what they were.
 */
export type AddressMap = Readonly<Record<string, string>>;

/**
 * Reads rules for IP addresses, IPv4 and IPv6.
 *
 * @throws TypeError naming what makes no sense
 */
export function ipRules(name: string, map: AddressMap | undefined): AddressRule[] {
  return entries(name, map).map(([left, right]) => {
    const from = network(`${name}['${left}']`, left);
    const to = network(`${name}['${left}']`, right);
    if (from.words.length !== to.words.length) {
      throw wrongValue(`${name}['${left}']`, 'must lead from IPv4 to IPv4 or from IPv6 to IPv6', right);
    }
    return { from: from.words, mask: from.mask, to: to.words, set: to.mask };
  });
}

/** The same for MAC addresses, which are whole. */
export function macRules(name: string, map: AddressMap | undefined): AddressRule[] {
  return entries(name, map).map(([left, right]) => {
    const all = [0xffff, 0xffff, 0xffff];
    return { from: words(parseMac(left)), mask: all, to: words(parseMac(right)), set: all };
  });
}

/** A rule for whatever address there is. */
export function always(mac: string): AddressRule {
  const none = [0, 0, 0];
  return { from: none, mask: none, to: words(parseMac(mac)), set: [0xffff, 0xffff, 0xffff] };
}

/**
 * Applies the first rule that matches to the address at `at`.
 *
 * @param width its 16-bit words; rules for other widths do not match
 * @returns what a checksum over the address grows by: sum of 16-bit words, 0 when nothing was changed
 */
export function rewrite(bytes: Uint8Array, at: number, width: number, rules: readonly AddressRule[]): number {
  const rule = rules.find(({ from, mask }) => {
    if (from.length !== width) return false;
    for (let k = 0; k < width; k++) if (((read16(bytes, at + 2 * k) ^ from[k]) & mask[k]) !== 0) return false;
    return true;
  });
  if (rule === undefined) return 0;
  let sum = 0;
  for (let k = 0; k < width; k++) {
    const before = read16(bytes, at + 2 * k);
    const after = (before & ~rule.set[k]) | (rule.to[k] & rule.set[k]);
    write16(bytes, at + 2 * k, after);
    sum += (~before & 0xffff) + after; // RFC 1624, equation 3
  }
  return sum;
}

function entries(name: string, map: AddressMap | undefined): [string, string][] {
  if (map === undefined) return [];
  checkObject(name, map, Object.keys(map));
  for (const [from, to] of Object.entries(map)) {
    if (typeof to !== 'string') throw wrongType(`${name}['${from}']`, 'an address', to);
  }
  return Object.entries(map);
}

function network(name: string, text: string): { words: number[]; mask: number[] } {
  const [address, prefix, ...rest] = text.split('/');
  const v4 = isIPv4(address);
  const bits = v4 ? 32 : 128;
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
  if (rest.length > 0 || length < 0 || length > bits || (!v4 && !isIPv6(address))) {
    throw wrongValue(name, 'must be addresses or networks such as 10.0.0.1, 10.0.0.0/8 or fd00::/64', text);
  }
  const value = v4 ? ipv4Words(parseIpv4(address)) : words(parseIpv6(address));
  const mask = value.map((_, k) => (0xffff << Math.min(16, Math.max(0, 16 * (k + 1) - length))) & 0xffff);
  return { words: value, mask };
}

function ipv4Words(address: number): number[] {
  return [address >>> 16, address & 0xffff];
}

function words(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length / 2 }, (_, k) => read16(bytes, 2 * k));
}
