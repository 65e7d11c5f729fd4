import { inspect } from 'node:util';
import { wrongValue } from '../check';
import { parseIpv4 } from './ipv4';
import { parseIpv6 } from './ipv6';
import { parseMac } from './mac';
import { isIPv6 } from 'node:net';

/** Names of header fields, as the builders' options have them: for sweeps of a generator and for what a sink picks out. */
export const FIELD_NAMES = [
  'srcMac',
  'dstMac',
  'etherType',
  'vlan',
  'priority',
  'srcIp',
  'dstIp',
  'protocol',
  'ttl',
  'dscp',
  'identification',
  'flowLabel',
  'srcPort',
  'dstPort',
  'sequence',
  'acknowledgment',
  'flags',
  'window',
  'type',
  'code',
  'identifier',
  'vni',
  'length',
] as const;

/** A header field. */
export type FieldName = (typeof FIELD_NAMES)[number];

/** What a value of a field may be given as: addresses as text, everything else as numbers. */
export type FieldValue = number | string | bigint;

/** Bits of the fields that are plain numbers. */
const BITS: Partial<Record<FieldName, number>> = {
  etherType: 16,
  vlan: 12,
  priority: 3,
  protocol: 8,
  ttl: 8,
  dscp: 6,
  identification: 16,
  flowLabel: 20,
  srcPort: 16,
  dstPort: 16,
  sequence: 32,
  acknowledgment: 32,
  flags: 9,
  window: 16,
  type: 8,
  code: 8,
  identifier: 16,
  vni: 24,
  length: 32,
};

/** Protocols by name, where a number is expected. */
const PROTOCOLS: Record<string, number> = { icmp: 1, tcp: 6, udp: 17, gre: 47, icmpv6: 58 };
const ETHER_TYPES: Record<string, number> = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd };

/** Whether text is the name of a field. */
export function isFieldName(name: string): name is FieldName {
  return (FIELD_NAMES as readonly string[]).includes(name);
}

/** Bits of a field; of an IPv6 address 128. */
export function fieldBits(name: FieldName, isV6 = false): number {
  if (name === 'srcMac' || name === 'dstMac') return 48;
  if (name === 'srcIp' || name === 'dstIp') return isV6 ? 128 : 32;
  return BITS[name]!;
}

/**
 * A field's value as a number.
 *
 * @throws TypeError, RangeError for what the field cannot hold
 */
export function parseFieldValue(name: FieldName, value: FieldValue): bigint {
  const bits = fieldBits(name, true);
  if (name === 'srcMac' || name === 'dstMac') {
    if (typeof value === 'string') return fromBytes(parseMac(value));
  } else if (name === 'srcIp' || name === 'dstIp') {
    if (typeof value === 'string') return isIPv6(value) ? fromBytes(parseIpv6(value)) : BigInt(parseIpv4(value));
  }
  const number = toNumber(name, value);
  if (number === undefined || number < 0n || number >> BigInt(bits) !== 0n) {
    throw wrongValue(name, `must be ${describeValues(name, bits)}`, value);
  }
  return number;
}

function describeValues(name: FieldName, bits: number): string {
  if (name === 'srcMac' || name === 'dstMac') return 'a MAC address such as 02:00:00:00:00:01';
  if (name === 'srcIp' || name === 'dstIp') return 'an IP address such as 10.0.0.1 or fd00::1';
  const names = name === 'protocol' ? PROTOCOLS : name === 'etherType' ? ETHER_TYPES : undefined;
  const words = names === undefined ? '' : `, or one of ${Object.keys(names).join(', ')}`;
  return `a whole number from 0 to ${(1n << BigInt(bits)) - 1n}${words}`;
}

function toNumber(name: FieldName, value: FieldValue): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  if (typeof value !== 'string') throw wrongValue(name, 'must be a number or text', inspect(value));
  if (name === 'protocol' && Object.hasOwn(PROTOCOLS, value)) return BigInt(PROTOCOLS[value]);
  if (name === 'etherType' && Object.hasOwn(ETHER_TYPES, value)) return BigInt(ETHER_TYPES[value]);
  return /^(\d+|0x[0-9a-f]+)$/i.test(value) ? BigInt(value) : undefined;
}

function fromBytes(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
