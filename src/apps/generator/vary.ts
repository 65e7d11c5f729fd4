import { checkBoolean, checkInteger, checkObject, outOfRange, wrongValue } from '../../check';
import { FIELD_KIND, type NativeField } from '../../native-traffic';
import { formatIpv4 } from '../../packet/ipv4';
import { FIELD_NAMES, isFieldName, parseFieldValue, type FieldName, type FieldValue } from '../../packet/field';
import { ipv6OfNumber } from '../../packet/ipv6';

/**
 * How a field goes on from packet to packet. As text:
 *
 * - `'10.0.0.1-10.0.0.254'`, `'1000-2000'`: one after the other, then again from the first
 * - `'1000-2000+10'`: every tenth
 * - `'10.0.0.0/16'`: all addresses of a network
 * - `'80,443,8080'`: a list
 * - `'random:1024-65535'`: any of them, the same ones for the same seed
 * - `'flow:10.0.0.0/16'`, `'flow:random:1024-65535'`: all packets of a flow have the same value
 * - `'nested:1-10'`: goes on when the field before it begins anew, so that all combinations come
 */
export interface Variation {
  /** First and last value. */
  from?: FieldValue;
  to?: FieldValue;
  /** From one value to the next, 1 by default. */
  step?: number;
  /** These values instead. */
  list?: readonly FieldValue[];
  /** Any value from `from` to `to`, instead of one after the other. */
  random?: boolean;
  /** The same value for all packets of a flow. */
  perFlow?: boolean;
  /** Goes on only when the field before it (in the order in which they are given) begins anew. */
  nested?: boolean;
  /** For random values; by default it follows from the generator's seed. */
  seed?: number;
}

/** Fields that a generator may vary, with how. */
export type Vary = Partial<Record<FieldName, string | Variation>>;

/** A field with all its values as numbers. */
export interface VariedField {
  name: FieldName;
  /** The smallest value, by which the kind of address is known. */
  first: bigint;
  last: bigint;
  /** Some value as it was given, to tell IPv4 from IPv6. */
  given: FieldValue;
  native: NativeField;
}

const KEYS = ['from', 'to', 'step', 'list', 'random', 'perFlow', 'nested', 'seed'] as const;

/** What generators may not vary: it decides what the rest of a packet means. */
const FIXED: readonly FieldName[] = ['protocol', 'etherType', 'length'];

export function parseVary(vary: Vary, seed: number): VariedField[] {
  const names = FIELD_NAMES.filter((name) => !FIXED.includes(name));
  checkObject('vary', vary, names);
  return Object.entries(vary).map(([name, how], k) => {
    if (!isFieldName(name) || how === undefined) throw wrongValue('vary', `needs a value for ${name}`, how);
    const variation = typeof how === 'string' ? parseVariation(name, how) : how;
    return makeField(name, variation, seed + k + 1);
  });
}

/** Reads the text form. */
export function parseVariation(name: FieldName, text: string): Variation {
  const words = /^((?:flow:|nested:|random:)*)(.*)$/.exec(text)!;
  const [, prefixes, values] = words;
  const flags = {
    perFlow: prefixes.includes('flow:'),
    nested: prefixes.includes('nested:'),
    random: prefixes.includes('random:'),
  };
  if (values.includes(',')) return { ...flags, list: values.split(',') };
  const network = /^(.*)\/(\d{1,3})$/.exec(values);
  if (network) return { ...flags, ...networkRange(name, network[1], Number(network[2])) };
  // A MAC address may have dashes between its parts: then it is no range.
  const range = /^(.+?)-([^-]+?)(?:\+(\d+))?$/.exec(values);
  if (range && !/^([0-9a-f]{1,2}-){5}[0-9a-f]{1,2}$/i.test(values)) {
    return { ...flags, from: range[1], to: range[2], step: range[3] === undefined ? 1 : Number(range[3]) };
  }
  return { ...flags, from: values, to: values };
}

function networkRange(name: FieldName, address: string, prefix: number): Pick<Variation, 'from' | 'to'> {
  const isV6 = address.includes(':');
  const bits = isV6 ? 128 : 32;
  if (name !== 'srcIp' && name !== 'dstIp') throw wrongValue(name, 'cannot be a network', `${address}/${prefix}`);
  if (prefix > bits) throw outOfRange(name, `a network with a prefix of 0 to ${bits} bits`, `${address}/${prefix}`);
  const host = (1n << BigInt(bits - prefix)) - 1n;
  const first = parseFieldValue(name, address) & ~host;
  // Sweeps go over the lower half of an IPv6 address; more than 2^64 hosts of a network nobody will miss.
  const last = isV6 && prefix < 64 ? first | 0xffffffffffffffffn : first | host;
  const text = (value: bigint) => (isV6 ? ipv6OfNumber(value) : formatIpv4(Number(value)));
  return { from: text(first), to: text(last) };
}

function makeField(name: FieldName, variation: Variation, otherSeed: number): VariedField {
  checkObject(`vary.${name}`, variation, KEYS);
  const { step = 1, list, random = false, perFlow = false, nested = false, seed = otherSeed } = variation;
  for (const [key, value] of Object.entries({ random, perFlow, nested })) checkBoolean(`vary.${name}.${key}`, value);
  checkInteger(`vary.${name}.step`, step, 1, 0xffffffff);
  checkInteger(`vary.${name}.seed`, seed, 0, Number.MAX_SAFE_INTEGER);
  const rest = { perFlow, carry: nested, seed: BigInt(seed) };
  if (list !== undefined) {
    if (!Array.isArray(list) || list.length === 0) throw wrongValue(`vary.${name}.list`, 'must have values', list);
    const values = list.map((value: FieldValue) => parseFieldValue(name, value));
    const [first, last] = [values.reduce(smaller), values.reduce(larger)];
    // A random one of a list: random positions are not what the native loop has, but a shuffled list comes to the same.
    const numbers = BigUint64Array.from(random ? shuffled(values, seed) : values, low);
    const native = { kind: FIELD_KIND.list, from: 0n, count: 0n, step: 0n, list: numbers, ...rest };
    return { name, first, last, given: list[0] as FieldValue, native };
  }
  const { from, to = from } = variation;
  if (from === undefined || to === undefined)
    throw wrongValue(`vary.${name}`, 'must have from and to, or list', variation);
  const first = parseFieldValue(name, from);
  const last = parseFieldValue(name, to);
  if (last < first) throw wrongValue(`vary.${name}`, 'must go from a smaller value to a larger one', `${from}-${to}`);
  const count = (last - first) / BigInt(random ? 1 : step) + 1n;
  const native = {
    kind: random ? FIELD_KIND.random : FIELD_KIND.range,
    from: low(first),
    count: count >> 64n === 0n ? count : 0n,
    step: BigInt(step),
    list: new BigUint64Array(0),
    ...rest,
  };
  return { name, first, last, given: from, native };
}

function low(value: bigint): bigint {
  return value & 0xffffffffffffffffn;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** Length of a list that stands for random picks. */
const MANY = 65536;

function shuffled(values: readonly bigint[], seed: number): bigint[] {
  let state = (seed ^ 0x9e3779b9) | 1;
  return Array.from({ length: MANY }, () => {
    // xorshift32 (Marsaglia, 2003)
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return values[(state >>> 0) % values.length];
  });
}
