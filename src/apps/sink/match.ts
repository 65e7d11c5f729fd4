import { isIPv6 } from 'node:net';
import { checkObject, outOfRange, wrongType, wrongValue } from '../../check';
import { BASE, type NativeTest } from '../../native-traffic';
import {
  FIELD_NAMES,
  fieldBits,
  isFieldName,
  parseFieldValue,
  type FieldName,
  type FieldValue,
} from '../../packet/field';

/**
 * Which packets are meant, by the values of header fields; all conditions must hold. A condition is one value, several of which
 * one must be there, or text:
 *
 * - `9`, `'10.0.0.1'`: that value
 * - `'1024-2047'`: a range
 * - `'10.0.0.0/8'`: a network
 * - `'80,443,8000-8080'`: any of these
 * - `'!53'`: anything else (a packet without the field is not meant)
 */
export type Match = Partial<Record<FieldName, FieldValue | readonly FieldValue[]>>;

/** Where a field is looked for: `[base, offset, bytes, bits below it]`. */
type Source = [base: number, offset: number, width: number, shift?: number];

const PLAIN: Partial<Record<FieldName, Source>> = {
  dstMac: [BASE.frame, 0, 6],
  srcMac: [BASE.frame, 6, 6],
  etherType: [BASE.etherType, 0, 2],
  protocol: [BASE.protocol, 0, 1],
  length: [BASE.length, 0, 4],
  vlan: [BASE.vlan, 0, 2],
  priority: [BASE.vlan, 0, 1, 5],
  ttl: [BASE.ipv4, 8, 1],
  dscp: [BASE.ipv4, 1, 1, 2],
  identification: [BASE.ipv4, 4, 2],
  flowLabel: [BASE.ipv6, 0, 4],
  srcPort: [BASE.ports, 0, 2],
  dstPort: [BASE.ports, 2, 2],
  sequence: [BASE.tcp, 4, 4],
  acknowledgment: [BASE.tcp, 8, 4],
  flags: [BASE.tcp, 12, 2],
  window: [BASE.tcp, 14, 2],
  type: [BASE.icmp, 0, 1],
  code: [BASE.icmp, 1, 1],
  identifier: [BASE.icmp, 4, 2],
};

/** Fields that may be asked for. */
export const MATCH_NAMES: readonly FieldName[] = FIELD_NAMES.filter((name) => name in PLAIN || /Ip$/.test(name));

interface Range {
  first: bigint;
  last: bigint;
  isV6: boolean;
}

export function parseMatch(match: Match): NativeTest[] {
  checkObject('match', match, MATCH_NAMES);
  return Object.entries(match).flatMap(([name, condition]) => {
    if (!isFieldName(name) || condition === undefined) throw wrongType(`match.${name}`, 'a value', condition);
    return testsOf(name, condition);
  });
}

function testsOf(name: FieldName, condition: FieldValue | readonly FieldValue[]): NativeTest[] {
  let values = condition;
  let negated = false;
  if (typeof values === 'string') {
    negated = values.startsWith('!');
    values = values.slice(Number(negated)).split(',');
  }
  const list: readonly FieldValue[] = typeof values === 'object' ? values : [values];
  if (list.length === 0) throw wrongValue(`match.${name}`, 'must have values', condition);
  const ranges = list.map((value) => rangeOf(name, value));
  if (name === 'srcIp' || name === 'dstIp') return addressTests(name, ranges, negated);
  const [base, offset, width, shift = 0] = PLAIN[name]!;
  const mask = (1n << BigInt(fieldBits(name))) - 1n;
  const pairs = BigUint64Array.from(ranges.flatMap(({ first, last }) => [first, last]));
  return [{ base, offset, width, shift, mask, negated, ranges: pairs }];
}

function rangeOf(name: FieldName, value: FieldValue): Range {
  const one = (part: FieldValue) => parseFieldValue(name, part);
  const isV6 = typeof value === 'string' && isIPv6(value.split(/[/-]/)[0]);
  if (typeof value !== 'string') return { first: one(value), last: one(value), isV6 };
  const network = /^(.*)\/(\d{1,3})$/.exec(value);
  if (network && (name === 'srcIp' || name === 'dstIp')) {
    const bits = isV6 ? 128 : 32;
    const prefix = Number(network[2]);
    if (prefix > bits) throw outOfRange(`match.${name}`, `a network with a prefix of 0 to ${bits} bits`, value);
    const host = (1n << BigInt(bits - prefix)) - 1n;
    const first = one(network[1]) & ~host;
    return { first, last: first | host, isV6 };
  }
  const ends = /^([^-]+)-([^-]+)$/.exec(value);
  if (!ends) return { first: one(value), last: one(value), isV6 };
  const [first, last] = [one(ends[1]), one(ends[2])];
  if (last < first) throw wrongValue(`match.${name}`, 'must go from a smaller value to a larger one', value);
  return { first, last, isV6 };
}

/** IPv4 addresses are one number; those of IPv6 are compared half by half, so only one network or address at a time. */
function addressTests(name: 'srcIp' | 'dstIp', ranges: readonly Range[], negated: boolean): NativeTest[] {
  const source = name === 'srcIp';
  const rest = { shift: 0, mask: 0xffffffffffffffffn, negated };
  if (ranges.every(({ isV6 }) => !isV6)) {
    const pairs = BigUint64Array.from(ranges.flatMap(({ first, last }) => [first, last]));
    return [{ base: BASE.ipv4, offset: source ? 12 : 16, width: 4, ...rest, ranges: pairs }];
  }
  const [{ first, last }] = ranges;
  const upper = [first >> 64n, last >> 64n];
  const lower = [first, last].map((value) => value & 0xffffffffffffffffn);
  // A range whose upper half varies is one only if the lower half is free: so it is with networks.
  const simple = upper[0] === upper[1] || (lower[0] === 0n && lower[1] === 0xffffffffffffffffn);
  if (ranges.length > 1 || !simple || negated) {
    throw wrongValue(`match.${name}`, 'must be one network or address in IPv6', ranges.length);
  }
  const half = (offset: number, pair: bigint[]) => ({
    ...{ base: BASE.ipv6, offset, width: 8, ...rest },
    ranges: BigUint64Array.from(pair),
  });
  return [half(source ? 8 : 24, upper), half(source ? 16 : 32, lower)];
}
