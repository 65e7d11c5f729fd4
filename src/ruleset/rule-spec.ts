import { checkInteger, checkObject, checkString, wrongType, wrongValue } from '../check';

/** A number, or `tablearg`: the value that the rule's last successful table look-up gave. */
export type RuleArgument = number | 'tablearg';

/** What a rule does, in ipfw's words. */
export type RuleAction =
  | 'allow'
  | 'deny'
  | 'count'
  | 'return'
  | 'check-state'
  | `check-state :${string}`
  | `pipe ${RuleArgument}`
  | `queue ${RuleArgument}`
  | `skipto ${RuleArgument}`
  | `call ${RuleArgument}`
  | `setdscp ${string}`
  | `setmark ${RuleArgument}`;

/** One value, a range as text (`'80-90'`), or several of them: any of these. */
export type RuleList = number | string | readonly (number | string)[];

/**
 * A rule as an object. What is given must all hold; what is missing does not matter. Each field is an option of ipfw's
 * language under its own name; `options` takes those that have no field, and `not`.
 */
export interface RuleSpec {
  /** 1 to 65534; without it, the last rule's number + 100. */
  number?: number;
  /** 0 to 31; 0 by default. */
  set?: number;
  /** Probability with which it matches at all, above 0 to 1. */
  prob?: number;
  action: RuleAction;
  /** Log what matches; a number ends it after so many frames. */
  log?: boolean | number;
  tag?: RuleArgument;
  untag?: RuleArgument;
  setMark?: RuleArgument;
  /** `tcp`, `udp`, `icmp`, `ip4`, `ip6`, a number, ...; several: any of these. */
  proto?: RuleList;
  /** Source: `10.0.0.0/8`, `2001:db8::/32`, `table(NAME)`, `me`, `not 10.0.0.1`; several: any of these. */
  from?: string | readonly string[];
  /** Destination, as `from`. */
  to?: string | readonly string[];
  srcPort?: RuleList;
  dstPort?: RuleList;
  direction?: 'in' | 'out';
  /** Receiving port: a name, a pattern with `*`, or `table(NAME)`. */
  recv?: string;
  /** Sending port. */
  xmit?: string;
  /** Either. */
  via?: string;
  srcMac?: string;
  dstMac?: string;
  /** Ethernet type behind VLAN tags: a number or a name (`arp`, `ipv4`, ...). */
  etherType?: RuleList;
  /** VLAN id, or `any` tag. */
  vlan?: RuleList;
  /** `syn,!ack` */
  tcpFlags?: string;
  established?: boolean;
  setup?: boolean;
  icmpTypes?: RuleList;
  dscp?: RuleList;
  /** Let answers through: true, or the name of the flow. */
  keepState?: boolean | string;
  /** As `keepState`, for at most `max` flows that have the same `by`. */
  limit?: {
    by: readonly ('src-addr' | 'src-port' | 'dst-addr' | 'dst-port')[];
    max: RuleArgument;
    name?: string;
  };
  /** Further options as text, for example `'not tagged 5 { iplen 40 or ipttl 1-5 }'`. */
  options?: string;
  comment?: string;
}

type Field = keyof RuleSpec;

/** Fields that are an option with a list. */
const LISTS: readonly (readonly [Field, string])[] = [
  ['srcPort', 'src-port'],
  ['dstPort', 'dst-port'],
  ['etherType', 'ether-type'],
  ['vlan', 'vlan'],
  ['icmpTypes', 'icmptypes'],
  ['dscp', 'dscp'],
];
/** Fields that are an option with one word. */
const WORDS: readonly (readonly [Field, string])[] = [
  ['recv', 'recv'],
  ['xmit', 'xmit'],
  ['via', 'via'],
  ['srcMac', 'src-mac'],
  ['dstMac', 'dst-mac'],
  ['tcpFlags', 'tcpflags'],
];
const KNOWN: readonly string[] = [
  ...['number', 'set', 'prob', 'action', 'log', 'tag', 'untag', 'setMark', 'proto', 'from', 'to', 'direction'],
  ...['established', 'setup', 'keepState', 'limit', 'options', 'comment'],
  ...LISTS.map(([field]) => field),
  ...WORDS.map(([field]) => field),
];

/** Those that stand before a rule's body, or behind it. */
const HEAD: readonly Field[] = ['number', 'set', 'prob', 'action', 'log', 'tag', 'untag', 'setMark', 'comment'];
const LIMIT_BY = ['src-addr', 'src-port', 'dst-addr', 'dst-port'];

/** The command that adds a rule. */
export function ruleCommand(spec: RuleSpec): string {
  checkObject('rule', spec, KNOWN);
  const words: (string | number)[] = ['add'];
  if (spec.number !== undefined) words.push(checkInteger('rule.number', spec.number, 1, 65534));
  if (spec.set !== undefined) words.push('set', checkInteger('rule.set', spec.set, 0, 31));
  if (spec.prob !== undefined) words.push('prob', probability(spec.prob));
  words.push(text('action', spec.action));
  if (typeof spec.log === 'number') words.push('log logamount', checkInteger('rule.log', spec.log, 0, 0x7fffffff));
  else if (flag('log', spec.log, 'a boolean or a number')) words.push('log');
  for (const [field, word] of [
    ['tag', 'tag'],
    ['untag', 'untag'],
    ['setMark', 'setmark'],
  ] as const) {
    if (spec[field] !== undefined) words.push(word, item(field, spec[field]));
  }
  if (!spec.action.startsWith('check-state')) {
    words.push(...body(spec));
  } else {
    const odd = (Object.keys(spec) as Field[]).find((field) => !HEAD.includes(field) && spec[field] !== undefined);
    if (odd !== undefined)
      throw wrongValue(`rule.${odd}`, 'does not go with check-state, which has no body', spec[odd]);
  }
  if (spec.comment !== undefined) words.push('//', text('comment', spec.comment));
  return words.join(' ');
}

function body(spec: RuleSpec): (string | number)[] {
  const words: (string | number)[] = [block('proto', spec.proto ?? 'ip')];
  words.push('from', block('from', spec.from ?? 'any'), 'to', block('to', spec.to ?? 'any'));
  if (spec.direction !== undefined) words.push(direction(spec.direction));
  for (const [field, word] of LISTS) if (spec[field] !== undefined) words.push(word, list(field, spec[field]));
  for (const [field, word] of WORDS) if (spec[field] !== undefined) words.push(word, text(field, spec[field]));
  if (flag('established', spec.established)) words.push('established');
  if (flag('setup', spec.setup)) words.push('setup');
  if (spec.options !== undefined) words.push(text('options', spec.options));
  const { keepState, limit } = spec;
  if (typeof keepState === 'string') words.push(`keep-state :${text('keepState', keepState)}`);
  else if (flag('keepState', keepState, 'a boolean or the name of a flow')) words.push('keep-state');
  if (limit !== undefined) {
    checkObject('rule.limit', limit, ['by', 'max', 'name']);
    words.push('limit', ...limitFields(limit.by), item('limit.max', limit.max));
    if (limit.name !== undefined) words.push(`:${text('limit.name', limit.name)}`);
  }
  return words;
}

function probability(value: unknown): number {
  if (typeof value !== 'number') throw wrongType('rule.prob', 'a number', value);
  if (!(value > 0 && value <= 1)) throw wrongValue('rule.prob', 'must be more than 0 and at most 1', value);
  return value;
}

function limitFields(by: unknown): string[] {
  if (!Array.isArray(by)) throw wrongType('rule.limit.by', `an array of ${LIMIT_BY.join(', ')}`, by);
  const fields = by as string[];
  if (fields.length > 0 && fields.every((one) => LIMIT_BY.includes(one))) return fields;
  throw wrongValue('rule.limit.by', `must be some of ${LIMIT_BY.join(', ')}`, by);
}

/** Whether it is said; `expected`: what else it may be. */
function flag(field: Field, value: unknown, expected = 'a boolean'): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw wrongType(`rule.${field}`, expected, value);
  return value === true;
}

function direction(value: unknown): string {
  if (value !== 'in' && value !== 'out') throw wrongValue('rule.direction', "must be 'in' or 'out'", value);
  return value;
}

/** Text on one line: a second one would be a command of its own. */
function text(field: string, value: unknown): string {
  const string = checkString(`rule.${field}`, value);
  if (/[\n\r]/.test(string)) throw wrongValue(`rule.${field}`, 'must be on one line', value);
  return string;
}

function item(field: string, value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') throw wrongType(`rule.${field}`, 'a string or a number', value);
  if (value.trim() === '') throw wrongValue(`rule.${field}`, 'must not be empty', value);
  return text(field, value);
}

function list(field: string, value: unknown): string {
  if (Array.isArray(value) && value.length === 0) throw wrongValue(`rule.${field}`, 'must not be empty', value);
  return Array.isArray(value) ? value.map((one) => item(field, one)).join(',') : item(field, value);
}

/** Alternatives as an or-block. */
function block(field: string, value: unknown): string {
  if (!Array.isArray(value)) return item(field, value);
  if (value.length === 0) throw wrongValue(`rule.${field}`, 'must not be empty', value);
  return value.length === 1 ? item(field, value[0]) : `{ ${value.map((one) => item(field, one)).join(' or ')} }`;
}
