import type { Random } from '../../random';
import type { Decoded } from './decode';
import { bytes4, bytes6, HOSTS4, HOSTS6, MACS, macBytes, PORTS } from './random-packets';
import type { Condition, Context, Row } from './slow-matcher';

/** A table as the slow matcher has it: entries in no order. */
export interface SlowTable {
  name: string;
  entries: { matches(value: never): boolean; length: number; row: Row }[];
}

/** Tables that every random ruleset has. `nets`, `others`, `me`, `numbers`, `macs`, `ports`, `flows` */
export interface World {
  tables: Map<string, SlowTable>;
}

function big(bytes: readonly number[]): bigint {
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

/** Whether a value has the first `length` of `width` bits of a base. */
export function inPrefix(value: bigint, base: bigint, length: number, width: number): boolean {
  const shift = BigInt(width - length);
  return value >> shift === base >> shift;
}

type Range = [low: number, high: number];

function ranges(random: Random, values: readonly number[], most: number): Range[] {
  const count = random.below(4) === 0 ? 1 + random.below(9) : 1 + random.below(2);
  return Array.from({ length: count }, () => {
    const a = random.below(3) === 0 ? random.below(most + 1) : random.pick(values);
    const b = random.below(2) === 0 ? a : Math.min(most, a + random.below(100));
    return [a, b];
  });
}

function showRanges(list: readonly Range[]): string {
  return list.map(([low, high]) => (low === high ? String(low) : `${low}-${high}`)).join(',');
}

function inRanges(value: number | undefined, list: readonly Range[]): boolean {
  return value !== undefined && list.some(([low, high]) => value >= low && value <= high);
}

type Get = (packet: Decoded, context: Context) => number | undefined;

/** An option with a list of numbers. */
function numeric(word: string, get: Get, values: readonly number[], most: number) {
  return (random: Random): Condition => {
    const list = ranges(random, values, most);
    return {
      text: `${word} ${showRanges(list)}`,
      holds: (context) => inRanges(get(context.packet, context), list),
    };
  };
}

/** An option with flags, some of which must be absent. */
function flags(word: string, names: readonly string[], has: (packet: Decoded, name: string) => boolean | undefined) {
  return (random: Random): Condition => {
    const chosen = names.filter(() => random.below(3) === 0);
    if (chosen.length === 0) chosen.push(random.pick(names));
    const list = chosen.map((name) => ({ name, present: random.below(2) === 0 }));
    return {
      text: `${word} ${list.map(({ name, present }) => (present ? '' : '!') + name).join(',')}`,
      holds: ({ packet }) => list.every(({ name, present }) => has(packet, name) === present),
    };
  };
}

function simple(text: string, holds: (packet: Decoded, context: Context) => boolean) {
  return (): Condition => ({ text, holds: (context) => holds(context.packet, context) });
}

/** One address of a list, and whether it is the packet's. */
function addressItem(
  random: Random,
  family: 4 | 6,
): { text: string; matches(version: number, value: bigint): boolean } {
  const host = family === 4 ? random.pick(HOSTS4) : random.pick(HOSTS6);
  const width = family === 4 ? 32 : 128;
  const base = big(family === 4 ? bytes4(host) : bytes6(host));
  const kind = random.below(family === 4 ? 5 : 3);
  if (kind === 0) return { text: host, matches: (version, value) => version === family && value === base };
  if (kind === 3) {
    const mask = random.pick(['255.0.255.0', '255.255.0.255', '0.0.0.255']);
    const bits = big(bytes4(mask));
    return {
      text: `${host}:${mask}`,
      matches: (version, value) => version === 4 && (value & bits) === (base & bits),
    };
  }
  if (kind === 4) {
    const list = [[0, 3] as Range, [5, 5] as Range, [random.below(200), 200] as Range];
    return {
      text: `${host}/24{${showRanges(list)}}`,
      matches: (version, value) =>
        version === 4 && inPrefix(value, base, 24, 32) && inRanges(Number(value & 255n), list),
    };
  }
  const length = random.below(4) === 0 ? random.below(width + 1) : random.pick([8, 16, 24, 30, 32]) * (width / 32);
  return {
    text: `${host}/${length}`,
    matches: (version, value) => version === family && inPrefix(value, base, length, width),
  };
}

export function addresses(random: Random, side: 'src' | 'dst', families: readonly (4 | 6)[], world: World): Condition {
  if (random.below(5) === 0 && families.length === 2) return tableLookup(random, `${side}-ip`, world, true);
  const items = Array.from({ length: random.below(4) === 0 ? 1 + random.below(8) : 1 }, () =>
    addressItem(random, random.pick(families)),
  );
  return {
    text: items.map(({ text }) => text).join(','),
    holds: ({ packet: { ip } }) =>
      ip !== undefined && items.some(({ matches }) => matches(ip.version, side === 'src' ? ip.src : ip.dst)),
  };
}

type Value = bigint | number | string | undefined;

/** What is looked up by each field, and in which table. */
const LOOKUPS: Record<string, { table: string; get(context: Context): Value }> = {
  'src-ip': { table: 'nets', get: ({ packet: { ip } }) => ip && `${ip.version} ${ip.src}` },
  'dst-ip': { table: 'nets', get: ({ packet: { ip } }) => ip && `${ip.version} ${ip.dst}` },
  'src-port': { table: 'numbers', get: ({ packet }) => packet.ports?.src },
  'dst-port': { table: 'numbers', get: ({ packet }) => packet.ports?.dst },
  'src-mac': { table: 'macs', get: ({ packet }) => packet.srcMac },
  'dst-mac': { table: 'macs', get: ({ packet }) => packet.dstMac },
  dscp: { table: 'numbers', get: ({ packet: { ip } }) => ip && ip.tos >> 2 },
  mark: { table: 'numbers', get: ({ mark }) => mark },
  rulenum: { table: 'numbers', get: ({ rule }) => rule.number },
  vlan: { table: 'numbers', get: ({ packet }) => packet.tags[0]?.id },
  recv: { table: 'ports', get: ({ recv }) => recv || undefined },
  xmit: { table: 'ports', get: ({ xmit }) => xmit || undefined },
  flow: {
    table: 'flows',
    get: ({ packet: { ip, ports } }) => ip && ports && `${ip.version} ${ip.src} ${ip.protocol} ${ports.dst}`,
  },
};

/** The longest entry that matches; `plain`: as an address, `table(NAME)`. */
export function tableLookup(random: Random, field: string, world: World, plain = false): Condition {
  const { table: name, get } = LOOKUPS[field];
  const table = world.tables.get(name)!;
  const wanted =
    (plain || ['flow', 'recv', 'xmit'].includes(field)) && random.below(4) === 0 ? random.below(6) : undefined;
  const reference = `table(${name}${wanted === undefined ? '' : `,${wanted}`})`;
  // Only some of the bits of a number.
  const mask = name === 'numbers' && random.below(3) === 0 ? random.pick([0xff, 0x3c, 0xfff0]) : undefined;
  const text = plain
    ? reference
    : ['flow', 'recv', 'xmit'].includes(field)
      ? `${field} ${reference}`
      : `lookup ${field}${mask === undefined ? '' : `:${mask}`} ${name}`;
  return {
    text,
    holds(context) {
      const whole = get(context);
      if (whole === undefined) return false;
      const value = (mask === undefined ? whole : Number(whole) & mask) as never;
      const found = table.entries
        .filter((entry) => entry.matches(value))
        .reduce<SlowTable['entries'][number] | undefined>(
          (best, entry) => (best === undefined || entry.length > best.length ? entry : best),
          undefined,
        );
      if (!found || (wanted !== undefined && found.row.skipto !== wanted)) return false;
      context.row = found.row;
      return true;
    },
  };
}

const TCP_FLAGS = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128 };
const TCP_OPTIONS: Record<string, number[]> = { mss: [2], window: [3], sack: [4, 5], ts: [8], cc: [11, 12, 13] };
const IP_OPTIONS: Record<string, number> = { lsrr: 131, ssrr: 137, rr: 7, ts: 68 };
const TOS: Record<string, number> = { lowdelay: 16, throughput: 8, reliability: 4, mincost: 2, congestion: 3 };
const EXTENSIONS = ['frag', 'hopopt', 'route', 'rthdr0', 'rthdr2', 'dstopt', 'ah', 'esp'];

export function ports(random: Random, side: 'src' | 'dst'): Condition {
  const list = ranges(random, PORTS, 65535);
  return { text: showRanges(list), holds: ({ packet }) => inRanges(packet.ports?.[side], list) };
}

function macPattern(random: Random): { text: string; matches(value: bigint | undefined): boolean } {
  if (random.below(3) === 0) return { text: 'any', matches: () => true };
  const mac = random.pick(MACS);
  const base = big(macBytes(mac));
  const length = random.below(49);
  if (random.below(2) === 0)
    return { text: `${mac}/${length}`, matches: (value) => value !== undefined && inPrefix(value, base, length, 48) };
  return {
    text: `${mac}&ff:00:00:00:ff:00`,
    matches: (value) => value !== undefined && ((value ^ base) & 0xff000000ff00n) === 0n,
  };
}

function macAlone(random: Random, word: string, get: (packet: Decoded) => bigint | undefined): Condition {
  const { text, matches } = macPattern(random);
  if (text === 'any') return macAlone(random, word, get);
  return { text: `${word} ${text}`, holds: ({ packet }) => matches(get(packet)) };
}

/** `me` and `me6`: in the table `me`. */
export function own(random: Random, side: 'src' | 'dst', world: World): Condition {
  const word = random.pick(['me', 'me6']);
  return {
    text: word,
    holds({ packet: { ip } }) {
      if (ip === undefined || (word === 'me6' && ip.version !== 6)) return false;
      const value = `${ip.version} ${side === 'src' ? ip.src : ip.dst}` as never;
      return world.tables.get('me')!.entries.some((entry) => entry.matches(value));
    },
  };
}

function portName(random: Random, word: 'recv' | 'xmit' | 'via'): Condition {
  const pattern = random.pick(['vale0:a', 'vale0:*', 'vale1:b', '*:?', 'any', 'nowhere']);
  const matches = (name: string) =>
    name !== '' &&
    (pattern === 'any' || new RegExp(`^${pattern.replace(/\*/g, '.*').replace(/\?/g, '.')}$`).test(name));
  return {
    text: `${word} ${pattern}`,
    holds: ({ recv, xmit }) => (word !== 'xmit' && matches(recv)) || (word !== 'recv' && matches(xmit)),
  };
}

/** One maker for each option of the language. */
const MAKERS: readonly ((random: Random, world: World) => Condition)[] = [
  numeric('src-port', ({ ports }) => ports?.src, PORTS, 65535),
  numeric('dst-port', ({ ports }) => ports?.dst, PORTS, 65535),
  numeric('proto', ({ ip }) => ip?.protocol, [1, 6, 17, 58], 255),
  numeric('iplen', ({ ip }) => ip?.length, [28, 40, 60], 65535),
  numeric('ipttl', ({ ip }) => ip?.ttl, [1, 64, 255], 255),
  numeric('ipid', ({ ip }) => (ip?.version === 4 ? ip.id : undefined), [0, 1, 2], 65535),
  numeric('dscp', ({ ip }) => ip && ip.tos >> 2, [0, 32, 46], 63),
  numeric('ipprecedence', ({ ip }) => (ip?.version === 4 ? ip.tos >> 5 : undefined), [0, 5], 7),
  numeric('ipversion', ({ ip }) => ip?.version, [4, 6], 15),
  numeric('mac-type', ({ macType }) => macType, [0x0800, 0x86dd, 0x8100, 0x0806], 65535),
  numeric('ether-type', ({ etherType }) => etherType, [0x0800, 0x86dd, 0x0806], 65535),
  numeric('vlan', ({ tags }) => tags[0]?.id, [0, 1, 2, 3], 4095),
  numeric('vlan-pri', ({ tags }) => tags[0]?.priority, [0, 3], 7),
  numeric('inner-vlan', ({ tags }) => tags[1]?.id, [0, 1, 2], 4095),
  numeric('inner-vlan-pri', ({ tags }) => tags[1]?.priority, [1], 7),
  numeric('icmptypes', ({ ip, icmpType }) => (ip?.version === 4 ? icmpType : undefined), [0, 3, 8], 255),
  numeric('icmp6types', ({ ip, icmpType }) => (ip?.version === 6 ? icmpType : undefined), [128, 135], 255),
  numeric('flow-id', ({ ip }) => (ip?.version === 6 ? ip.flowLabel : undefined), [0, 1, 2], 1048575),
  numeric('tcpseq', ({ tcp }) => tcp?.sequence, [0, 1, 2], 4294967295),
  numeric('tcpack', ({ tcp }) => tcp?.acknowledgment, [0, 1, 256], 4294967295),
  numeric('tcpwin', ({ tcp }) => tcp?.window, [0, 100], 65535),
  numeric('tcpdatalen', ({ tcp }) => tcp?.dataLength, [0, 1, 2], 65535),
  numeric(
    'tcpmss',
    ({ tcp }) => {
      const option = tcp?.options.filter(({ kind, data }) => kind === 2 && data.length === 2).at(-1);
      return option && option.data[0] * 256 + option.data[1];
    },
    [1460, 256],
    65535,
  ),
  flags('tcpflags', Object.keys(TCP_FLAGS), ({ tcp }, name) =>
    tcp ? (tcp.flags & TCP_FLAGS[name as keyof typeof TCP_FLAGS]) !== 0 : undefined,
  ),
  flags('tcpoptions', Object.keys(TCP_OPTIONS), ({ tcp }, name) =>
    tcp ? tcp.options.some(({ kind }) => TCP_OPTIONS[name].includes(kind)) : undefined,
  ),
  flags('ipoptions', Object.keys(IP_OPTIONS), ({ ip }, name) =>
    ip?.version === 4 ? ip.options.includes(IP_OPTIONS[name]) : undefined,
  ),
  flags('frag', ['rf', 'df', 'mf', 'offset'], ({ ip }, name) =>
    ip?.version !== 4 ? undefined : name === 'offset' ? ip.offset > 0 : ip.flags[name as 'rf' | 'df' | 'mf'],
  ),
  (random) => {
    // Bits of one name may be part of another's: no contradictions here.
    const name = random.pick(Object.keys(TOS));
    const absent = random.below(2) === 0;
    return {
      text: `iptos ${absent ? '!' : ''}${name}`,
      holds: ({ packet: { ip } }) => ip?.version === 4 && (ip.tos & TOS[name]) === (absent ? 0 : TOS[name]),
    };
  },
  (random) => {
    const names = EXTENSIONS.filter(() => random.below(4) === 0);
    if (names.length === 0) names.push('frag');
    return {
      text: `ext6hdr ${names.join(',')}`,
      holds: ({ packet: { ip } }) => names.some((name) => ip?.extensions.has(name) === true),
    };
  },
  simple('frag', ({ ip }) => ip !== undefined && ip.offset > 0),
  simple('established', ({ tcp }) => tcp !== undefined && (tcp.flags & 0x14) !== 0),
  simple('setup', ({ tcp }) => tcp !== undefined && (tcp.flags & 0x12) === 2),
  simple('malformed', ({ malformed }) => malformed),
  simple('layer2', () => true),
  simple('ip4', ({ ip }) => ip?.version === 4),
  simple('ip6', ({ ip }) => ip?.version === 6),
  simple('vlan any', ({ tags }) => tags.length > 0),
  simple('inner-vlan any', ({ tags }) => tags.length > 1),
  simple('in', (_, { direction }) => direction === 'in'),
  simple('out', (_, { direction }) => direction === 'out'),
  (random) => portName(random, 'recv'),
  (random) => portName(random, 'xmit'),
  (random) => portName(random, 'via'),
  (random) => {
    const dst = macPattern(random);
    const src = macPattern(random);
    return {
      text: `mac ${dst.text} ${src.text}`,
      holds: ({ packet }) => dst.matches(packet.dstMac) && src.matches(packet.srcMac),
    };
  },
  (random) => {
    const list = ranges(random, [1, 2, 3], 65534);
    return { text: `tagged ${showRanges(list)}`, holds: ({ tags }) => [...tags].some((tag) => inRanges(tag, list)) };
  },
  (random) => {
    const value = random.below(4);
    const mask = random.pick([0xffffffff, 1, 2]);
    return { text: `mark ${value}:${mask}`, holds: ({ mark }) => ((mark ^ value) & mask) === 0 };
  },
  (random) => macAlone(random, 'src-mac', ({ srcMac }) => srcMac),
  (random) => macAlone(random, 'dst-mac', ({ dstMac }) => dstMac),
  (random, world) => ({ ...prefixed('src-ip', addresses(random, 'src', [4], world)) }),
  (random, world) => ({ ...prefixed('dst-ip', addresses(random, 'dst', [4], world)) }),
  (random, world) => ({ ...prefixed('src-ip6', addresses(random, 'src', [6], world)) }),
  (random, world) => ({ ...prefixed('dst-ip6', addresses(random, 'dst', [6], world)) }),
  (random, world) => tableLookup(random, random.pick(Object.keys(LOOKUPS)), world),
  (random, world) => tableLookup(random, random.pick(Object.keys(LOOKUPS)), world),
];

function prefixed(word: string, { text, holds }: Condition): Condition {
  return { text: `${word} ${text}`, holds };
}

export function negated({ text, holds }: Condition): Condition {
  return { text: `not ${text}`, holds: (context) => !holds(context) };
}

function block(parts: readonly Condition[]): Condition {
  return {
    text: `{ ${parts.map(({ text }) => text).join(' or ')} }`,
    holds: (context) => parts.some((part) => part.holds(context)),
  };
}

/** An option, perhaps inverted, perhaps one of a block. */
export function randomOption(random: Random, world: World): Condition {
  const one = () => {
    const condition = random.pick(MAKERS)(random, world);
    return random.below(5) === 0 ? negated(condition) : condition;
  };
  if (random.below(6) !== 0) return one();
  const parts = Array.from({ length: 2 + random.below(3) }, one);
  return random.below(4) === 0 ? negated(block(parts)) : block(parts);
}
