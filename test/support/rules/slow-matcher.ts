/** The classifier once more, slow and plain: rules in turn, conditions as functions, tables as lists. */
import type { Decoded } from './decode';

export type Row = Record<'skipto' | 'pipe' | 'dscp' | 'tag' | 'limit' | 'mark', number>;

/** What a condition may look at, and what a table look-up leaves behind. */
export interface Context {
  packet: Decoded;
  direction: 'in' | 'out';
  recv: string;
  xmit: string;
  tags: Set<number>;
  mark: number;
  rule: SlowRule;
  row: Row;
}

/** A condition and its text. */
export interface Condition {
  text: string;
  holds(context: Context): boolean;
}

export type Argument = number | 'tablearg';

export interface SlowRule {
  number: number;
  /** Given by the ruleset. */
  id: number;
  set: number;
  prob?: number;
  verb:
    | 'allow'
    | 'deny'
    | 'count'
    | 'pipe'
    | 'queue'
    | 'skipto'
    | 'call'
    | 'return'
    | 'check-state'
    | 'setmark'
    | 'setdscp';
  argument?: Argument;
  tag?: { verb: 'tag' | 'untag'; value: Argument };
  state?: {
    kind: 'keep-state' | 'record-state' | 'limit' | 'set-limit';
    name: string;
    fields: string[];
    most: Argument;
  };
  defer: boolean;
  /** Of check-state. */
  flowName: string;
  conditions: Condition[];
  packets: number;
  bytes: number;
}

export interface SlowVerdict {
  action: string;
  target: number;
  rule: number;
  tags: number[];
  mark: number;
  edited: boolean;
}

const NO_ROW: Row = { skipto: 0, pipe: 0, dscp: 0, tag: 0, limit: 0, mark: 0 };
const MASK = 2n ** 64n - 1n;
const GAMMA = 0x9e3779b97f4a7c15n;

function mix(value: bigint): bigint {
  let z = value & MASK;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return z ^ (z >> 31n);
}

interface Flow {
  family: number;
  protocol: number;
  src: bigint;
  dst: bigint;
  srcPort: number;
  dstPort: number;
}

interface State {
  flow: Flow;
  name: string;
  rule: SlowRule;
  row: Row;
  expires: number;
  life: Life;
  seen: number;
  ackForward: number;
  ackBackward: number;
  acked: number;
  parent: string | undefined;
}

function flowOf({ ip, ports }: Decoded): Flow | undefined {
  if (!ip) return undefined;
  const { version, protocol, src, dst } = ip;
  return { family: version, protocol, src, dst, srcPort: ports?.src ?? 0, dstPort: ports?.dst ?? 0 };
}

function sameFlow(a: Flow, b: Flow): 'forward' | 'backward' | undefined {
  if (a.family !== b.family || a.protocol !== b.protocol) return undefined;
  if (a.src === b.src && a.dst === b.dst && a.srcPort === b.srcPort && a.dstPort === b.dstPort) return 'forward';
  if (a.src === b.dst && a.dst === b.src && a.srcPort === b.dstPort && a.dstPort === b.srcPort) return 'backward';
  return undefined;
}

const SECOND = 1e9;
const LIVES = { syn: 20, ack: 300, fin: 1, rst: 1, udp: 10, short: 5 };
export type Life = keyof typeof LIVES;

export class SlowMatcher {
  private states: State[] = [];
  private readonly lives = { ...LIVES };
  private sequence = 0n;
  private readonly random: bigint;

  private readonly rules: SlowRule[];
  private readonly defaultAction: 'allow' | 'deny';
  private readonly maxStates: number;
  private readonly disabledSets: ReadonlySet<number>;

  constructor(
    rules: SlowRule[],
    defaultAction: 'allow' | 'deny',
    seed: number,
    maxStates: number,
    disabledSets: ReadonlySet<number>,
  ) {
    this.rules = rules;
    this.defaultAction = defaultAction;
    this.maxStates = maxStates;
    this.disabledSets = disabledSets;
    this.random = mix(BigInt(seed) + GAMMA);
  }

  /** Its states go with it. */
  remove(rule: SlowRule): void {
    this.rules.splice(this.rules.indexOf(rule), 1);
    this.states = this.states.filter((state) => state.rule !== rule);
  }

  /** Of the states that live, too, from their last packet on. */
  setLife(life: Life, seconds: number): void {
    for (const state of this.states) {
      if (state.life === life) state.expires += (seconds - this.lives[life]) * SECOND;
    }
    this.lives[life] = seconds;
  }

  /** Notes a new DSCP in `packet`. */
  match(packet: Decoded, path: { direction: 'in' | 'out'; recv: string; xmit: string; time: number }): SlowVerdict {
    const sequence = this.sequence++;
    const { rules } = this;
    const tags = new Set<number>();
    const calls: number[] = [];
    const names = new Set<string>();
    let edited = false;
    const context: Context = { packet, ...path, tags, mark: 0, rule: rules[0], row: NO_ROW };
    const value = (argument: Argument | undefined, column: keyof Row) =>
      argument === 'tablearg' ? context.row[column] : (argument ?? 0);
    const verdict = (action: string, rule: number, target = 0): SlowVerdict => ({
      action,
      target,
      rule,
      tags: [...tags].sort((a, b) => a - b),
      mark: context.mark,
      edited,
    });
    const count = (rule: SlowRule) => {
      rule.packets++;
      rule.bytes += packet.length;
    };
    const after = (number: number) => {
      const at = rules.findIndex((rule) => rule.number >= number);
      return at < 0 ? rules.length : at;
    };
    let waysBack = 0;
    for (let at = 0; at < rules.length;) {
      let rule = rules[at];
      context.rule = rule;
      context.row = NO_ROW;
      const next = at + 1;
      at = next;
      if (this.disabledSets.has(rule.set)) continue;
      if (rule.prob !== undefined && !this.drawn(rule, sequence)) continue;
      const looksUp = rule.verb === 'check-state' || rule.state?.kind === 'keep-state' || rule.state?.kind === 'limit';
      let parent: State | undefined;
      if (looksUp) {
        const name = rule.verb === 'check-state' ? rule.flowName : rule.state!.name;
        if (!names.has(name) && !names.has('any')) {
          names.add(name);
          parent = this.find(packet, name, path.time);
        }
      }
      if (parent) {
        rule = parent.rule;
        context.rule = rule;
        context.row = parent.row;
        at = rules.indexOf(rule) + 1;
      } else {
        if (rule.verb === 'check-state') continue;
        if (!rule.conditions.every((condition) => condition.holds(context))) continue;
        if (rule.state) {
          if (!packet.ip) continue;
          if (!this.install(packet, rule, context.row, value(rule.state.most, 'limit'), path.time)) {
            count(rule);
            return verdict('deny', rule.number);
          }
          if (rule.defer) continue;
        }
      }
      if (rule.tag) {
        const tag = value(rule.tag.value, 'tag');
        if (rule.tag.verb === 'untag') tags.delete(tag);
        else if (tag > 0 && tag < 65535 && tags.size < 16) tags.add(tag);
      }
      count(rule);
      switch (rule.verb) {
        case 'allow':
        case 'deny':
          return verdict(rule.verb, rule.number);
        case 'pipe':
        case 'queue': {
          const target = value(rule.argument, 'pipe');
          return verdict(rule.verb, rule.number, target <= 65535 ? target : 0);
        }
        case 'skipto':
          at = after(Math.max(Math.min(value(rule.argument, 'skipto'), 65535), rule.number + 1));
          break;
        case 'call':
          if (calls.length === 16) break;
          calls.push(rule.number);
          at = after(Math.min(value(rule.argument, 'skipto'), 65535));
          break;
        case 'return':
          if (calls.length > 0) at = after(calls.pop()! + 1);
          break;
        case 'setmark':
          context.mark = value(rule.argument, 'mark');
          break;
        case 'setdscp':
          if (packet.ip) {
            const tos = (packet.ip.tos & 3) | ((value(rule.argument, 'dscp') & 63) << 2);
            edited ||= tos !== packet.ip.tos;
            packet.ip.tos = tos;
          }
          break;
      }
      // Rules that call one another can go round for longer than anybody waits.
      if (at < next && ++waysBack > 1000) return verdict('deny', rules[next - 1].number);
    }
    return verdict(this.defaultAction, 65535);
  }

  private drawn(rule: SlowRule, sequence: bigint): boolean {
    const z = mix(this.random + sequence * GAMMA + BigInt(rule.id) * 0xd1b54a32d192ed03n);
    return Number(z >> 32n) < Math.max(1, Math.floor(rule.prob! * 2 ** 32));
  }

  private find(packet: Decoded, name: string, now: number): State | undefined {
    const flow = flowOf(packet);
    if (!flow) return undefined;
    // The youngest first, as in a bucket of a hash table.
    for (let i = this.states.length - 1; i >= 0; i--) {
      const state = this.states[i];
      const way = name !== 'any' && state.name !== name ? undefined : sameFlow(state.flow, flow);
      if (!way) continue;
      if (state.expires <= now) {
        this.states.splice(i, 1);
        continue;
      }
      this.touch(state, packet, way, now);
      return state;
    }
    return undefined;
  }

  private install(packet: Decoded, rule: SlowRule, row: Row, most: number, now: number): boolean {
    this.states = this.states.filter((state) => state.expires > now);
    const flow = flowOf(packet)!;
    const { name, fields } = rule.state!;
    for (let i = this.states.length - 1; i >= 0; i--) {
      const state = this.states[i];
      const way = state.name === name ? sameFlow(state.flow, flow) : undefined;
      if (!way) continue;
      this.touch(state, packet, way, now);
      return true;
    }
    let parent: string | undefined;
    if (fields.length > 0) {
      const parts: Record<string, unknown> = {
        'src-addr': flow.src,
        'dst-addr': flow.dst,
        'src-port': flow.srcPort,
        'dst-port': flow.dstPort,
      };
      parent = [rule.id, flow.family, ...fields.map((field) => parts[field])].join(' ');
      if (this.states.filter((state) => state.parent === parent).length >= most) return false;
    }
    if (this.states.length >= this.maxStates) return false;
    const state: State = {
      flow,
      name,
      rule,
      row,
      expires: 0,
      life: 'short',
      seen: 0,
      ackForward: 0,
      ackBackward: 0,
      acked: 0,
      parent,
    };
    this.states.push(state);
    this.touch(state, packet, 'forward', now);
    return true;
  }

  private touch(state: State, { tcp }: Decoded, way: 'forward' | 'backward', now: number): void {
    const live = (life: Life) => {
      state.life = life;
      state.expires = now + this.lives[life] * SECOND;
    };
    if (state.flow.protocol !== 6) {
      live(state.flow.protocol === 17 ? 'udp' : 'short');
      return;
    }
    const flags = (tcp?.flags ?? 0) & 7;
    state.seen |= way === 'forward' ? flags : flags << 8;
    switch (state.seen) {
      case 0x0002:
        live('syn');
        break;
      case 0x0202:
      case 0x0203:
      case 0x0302: {
        if (tcp) {
          const last = way === 'forward' ? state.ackForward : state.ackBackward;
          if (last === 0 || ((tcp.acknowledgment - last) | 0) >= 0) {
            if (way === 'forward') state.ackForward = tcp.acknowledgment;
            else state.ackBackward = tcp.acknowledgment;
            state.acked |= way === 'forward' ? 1 : 2;
          }
        }
        if (state.acked === 3) {
          state.acked = 0;
          live('ack');
        }
        break;
      }
      case 0x0303:
        live('fin');
        break;
      default:
        live('rst');
    }
  }
}
