import type { Random } from '../../random';
import {
  addresses,
  inPrefix,
  negated,
  own,
  ports,
  randomOption,
  type SlowTable,
  type World,
} from './random-conditions';
import { bytes4, bytes6, HOSTS4, HOSTS6, MACS, macBytes, PORTS } from './random-packets';
import type { Argument, Condition, Row, SlowRule } from './slow-matcher';

function big(bytes: readonly number[]): bigint {
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

function row(value: number): Row {
  return { skipto: value, pipe: value, dscp: value, tag: value, limit: value, mark: value };
}

/** Tables with random entries, and the commands that make them. */
export function randomWorld(random: Random): { world: World; commands: string[] } {
  const commands = [
    'table nets create type addr',
    'table others create type addr',
    'table me create type addr',
    'table numbers create type number',
    'table macs create type mac',
    'table ports create type iface',
    'table flows create type flow:src-ip,proto,dst-port',
  ];
  const world: World = { tables: new Map() };
  type Entry = [key: string, length: number, matches: (value: never) => boolean];
  const add = (name: string, entries: Entry[]) => {
    const table: SlowTable = { name, entries: [] };
    const known = new Set<string>();
    for (const [key, length, matches] of entries) {
      if (known.has(key)) continue;
      known.add(key);
      const value = random.pick([0, 1, 2, 3, 5, 150, 1000, 70000]);
      table.entries.push({ matches, length, row: row(value) });
      commands.push(`table ${name} add ${key} ${value}`);
    }
    world.tables.set(name, table);
  };
  const host = (): [family: number, text: string, base: bigint, width: number] => {
    if (random.below(2) === 0) {
      const text = random.pick(HOSTS4);
      return [4, text, big(bytes4(text)), 32];
    }
    const text = random.pick(HOSTS6);
    return [6, text, big(bytes6(text)), 128];
  };
  const networks = (most: number) =>
    Array.from({ length: random.below(most) }, (): Entry => {
      const [family, , base, width] = host();
      const length = random.pick([0, 8, 16, 24, 32]) * (width / 32);
      const shift = BigInt(width - length);
      const canonical = `${family} ${(base >> shift) << shift}`;
      return [
        // One spelling for each network, so that none is added twice.
        spell(family, (base >> shift) << shift, length),
        length,
        (value: never) => {
          const [of, address] = String(value).split(' ');
          return Number(of) === family && inPrefix(BigInt(address), BigInt(canonical.split(' ')[1]), length, width);
        },
      ];
    });
  add('nets', networks(12));
  add('others', networks(12));
  add('me', networks(4));
  add(
    'numbers',
    Array.from({ length: random.below(8) }, () => {
      const number = random.below(2) === 0 ? random.pick(PORTS) : random.below(64);
      return [String(number), 0, (value: never) => Number(value) === number];
    }),
  );
  add(
    'macs',
    Array.from({ length: random.below(5) }, () => {
      const mac = random.pick(MACS);
      const length = random.pick([0, 8, 32, 48]);
      const base = big(macBytes(mac));
      const shift = BigInt(48 - length);
      const hex = ((base >> shift) << shift).toString(16).padStart(12, '0');
      return [
        `${hex.match(/../g)!.join(':')}/${length}`,
        length,
        (value: never) => inPrefix(BigInt(value), base, length, 48),
      ];
    }),
  );
  add(
    'ports',
    ['vale0:a', 'vale1:b', 'vale2:c']
      .filter(() => random.below(2) === 0)
      .map((name) => [name, 0, (value: never) => value === name]),
  );
  add(
    'flows',
    Array.from({ length: random.below(8) }, () => {
      const [family, text, base] = host();
      const protocol = random.pick([6, 17]);
      const port = random.pick(PORTS);
      return [`${text},${protocol},${port}`, 0, (value: never) => value === `${family} ${base} ${protocol} ${port}`];
    }),
  );
  return { world, commands };
}

function spell(family: number, base: bigint, length: number): string {
  if (family === 4) return `${[24n, 16n, 8n, 0n].map((shift) => (base >> shift) & 255n).join('.')}/${length}`;
  const groups = Array.from({ length: 8 }, (_, i) => ((base >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  return `${groups.join(':')}/${length}`;
}

function protocol(random: Random): Condition {
  const [text, holds] = random.pick<[string, Condition['holds']]>([
    ['ip', () => true],
    ['ip', () => true],
    ['ip4', ({ packet }) => packet.ip?.version === 4],
    ['ip6', ({ packet }) => packet.ip?.version === 6],
    ['tcp', ({ packet }) => packet.ip?.protocol === 6],
    ['udp', ({ packet }) => packet.ip?.protocol === 17],
    ['{ icmp or icmp6 }', ({ packet }) => [1, 58].includes(packet.ip?.protocol ?? -1)],
  ]);
  return { text, holds };
}

const ANY: Condition = { text: 'any', holds: () => true };

function endPoint(random: Random, side: 'src' | 'dst', world: World): Condition[] {
  const maybe = (condition: Condition) => (random.below(6) === 0 ? negated(condition) : condition);
  const some = () => (random.below(8) === 0 ? own(random, side, world) : addresses(random, side, [4, 6], world));
  const out = [random.below(2) === 0 ? ANY : maybe(some())];
  if (random.below(4) === 0) out.push(maybe(ports(random, side)));
  return out;
}

/** `body`: the whole condition as text. */
export interface RandomRule extends SlowRule {
  command: string;
}

export function randomRule(random: Random, number: number, world: World): RandomRule {
  const proto = protocol(random);
  const from = endPoint(random, 'src', world);
  const to = endPoint(random, 'dst', world);
  const options = Array.from({ length: random.below(3) }, () => randomOption(random, world));
  const conditions = [proto, ...from, ...to, ...options];
  const looksUp = conditions.some(({ text }) => /table\(|lookup /.test(text));
  const argument = (most: number): Argument => (looksUp && random.below(3) === 0 ? 'tablearg' : 1 + random.below(most));
  const rule: RandomRule = {
    number,
    id: 0,
    set: random.below(5) === 0 ? 1 + random.below(3) : 0,
    prob: random.below(10) === 0 ? (1 + random.below(99)) / 100 : undefined,
    verb: random.pick([
      'allow',
      'deny',
      'deny',
      'count',
      'count',
      'count',
      'pipe',
      'queue',
      'skipto',
      'call',
      'return',
    ]),
    defer: false,
    flowName: '',
    conditions,
    packets: 0,
    bytes: 0,
    command: '',
  };
  if (random.below(12) === 0) rule.verb = random.pick(['setmark', 'check-state', 'setdscp']);
  switch (rule.verb) {
    case 'pipe':
    case 'queue':
      rule.argument = argument(100);
      break;
    case 'skipto':
    case 'call':
      rule.argument = argument(number * 2);
      break;
    case 'setmark':
      rule.argument = argument(4);
      break;
    case 'setdscp':
      rule.argument = argument(63);
      break;
    case 'check-state':
      rule.flowName = random.pick(['', 'a', 'b', 'any']);
      rule.conditions = [];
  }
  let text = rule.verb + (rule.argument === undefined ? '' : ` ${rule.argument}`);
  if (rule.verb === 'check-state') {
    if (rule.flowName !== '') text += ` :${rule.flowName}`;
  } else {
    if (random.below(6) === 0) {
      rule.tag = { verb: random.pick(['tag', 'tag', 'untag']), value: argument(3) };
      text += ` ${rule.tag.verb} ${rule.tag.value}`;
    }
    text += ` ${proto.text} from ${from.map(({ text }) => text).join(' ')} to ${to.map(({ text }) => text).join(' ')}`;
    for (const option of options) text += ` ${option.text}`;
    if (random.below(8) === 0) text += randomState(random, rule, argument);
  }
  rule.command = `add ${number} set ${rule.set}${rule.prob === undefined ? '' : ` prob ${rule.prob}`} ${text}`;
  return rule;
}

function randomState(random: Random, rule: RandomRule, argument: (most: number) => Argument): string {
  const kind = random.pick(['keep-state', 'record-state', 'limit', 'set-limit'] as const);
  const name = random.pick(['', '', 'a', 'b']);
  const fields = kind.includes('limit')
    ? ['src-addr', 'src-port', 'dst-addr', 'dst-port'].filter(
        (_, i, { length }) => random.below(2) === 0 || i === length - 1,
      )
    : [];
  const most = kind.includes('limit') ? argument(3) : 0;
  rule.state = { kind, name, fields, most };
  rule.defer = random.below(6) === 0;
  return (
    ` ${kind}${fields.map((field) => ` ${field}`).join('')}${fields.length > 0 ? ` ${most}` : ''}` +
    `${name === '' ? '' : ` :${name}`}${rule.defer ? ' defer-action' : ''}`
  );
}
