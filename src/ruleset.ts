/** ipfw's rules for frames. */

import { EventEmitter } from 'node:events';
import { Batch } from './batches';
import { checkBytes, checkInteger, checkObject, checkString, outOfRange, wrongType, wrongValue } from './check';
import { closedError } from './errors';
import { native, type NativeRuleset, type NativeRulesetStats } from './native';
import type { CaptureWriter } from './pcap';
import { nativeOf } from './port';
import { Ring } from './ring';
import type { RuleLogEntry } from './ruleset/log-entry';
import { checkLogWriter, EPOCH, monotonicOrigin, writeLogged } from './ruleset/log-capture';
import { ruleError } from './ruleset/problem';
import type { RuleReport } from './ruleset/rule-report';
import { ruleCommand, type RuleSpec } from './ruleset/rule-spec';
import { VERDICT, Verdicts } from './ruleset/verdicts';
import { systemError } from './system-error';

export type { RuleLogEntry } from './ruleset/log-entry';
export type { RuleReport } from './ruleset/rule-report';
export type { RuleAction, RuleArgument, RuleList, RuleSpec } from './ruleset/rule-spec';
export { VERDICT, Verdicts } from './ruleset/verdicts';

/** What a {@link Ruleset} takes; everything has a default. */
export interface RulesetOptions {
  /** What becomes of frames that no rule decides about (rule 65535); `allow` by default. */
  default?: 'allow' | 'deny';
  /** Of the random numbers that `prob` draws, 0 to 2^53 - 1; 1 by default. Same seed, same frames, same verdicts. */
  seed?: number;
  /** Most dynamic states, 1 to 2^24; 16384 by default. */
  maxStates?: number;
  /** Frames that the log keeps until they are fetched, 0 to 2^20; 1024 by default. */
  logEntries?: number;
  /** Bytes of a frame that the log keeps, 0 to 65536; 128 by default. */
  logSnaplen?: number;
}

/** Where frames come from and go to. */
export interface ClassifyOptions {
  /** As rules see it. Default: `in` for an rx ring, `out` for a tx ring; `in` for bytes. */
  direction?: 'in' | 'out';
  /** Name of the receiving port. Default: an rx ring's port; '' is none. */
  recv?: string;
  /** Name of the sending port. Default: a tx ring's port; '' is none. */
  xmit?: string;
  /** In ns, never less than before; default: the monotonic clock. State expires on this clock. */
  time?: number | bigint;
  /** Of a ring: most slots to look at; default: all that are available. */
  count?: number;
}

/** The verdict on one frame. */
export interface Match {
  action: 'allow' | 'deny' | 'pipe' | 'queue';
  /** Number of the pipe or queue. */
  target?: number;
  /** Number of the rule that decided. */
  rule: number;
  /** Tags that rules have given the frame. */
  tags: number[];
  /** Mark that rules have given it, 0 if none. */
  mark: number;
  /** For a pipe or queue: whether it is accepted when it comes out. */
  onePass: boolean;
  /** Whether its bytes were changed. */
  edited: boolean;
}

export type RulesetStats = NativeRulesetStats;

const ACTIONS = ['allow', 'deny', 'pipe', 'queue'] as const;
/** How classifyRing packs its results. */
const FRAME = 2 ** 20;
const LOGGED = 2 ** 40;
const KEYS = ['default', 'seed', 'maxStates', 'logEntries', 'logSnaplen'];
const EMPTY: ClassifyOptions = {};
const CLASSIFY_KEYS = ['direction', 'recv', 'xmit', 'time', 'count'];
/** Memory for frames without a byte: an empty array has none. */
const NO_BYTES = new Uint8Array(1);

/**
 * Rules of ipfw's language: `docs/ipfw.md` has every word. They decide about frames of a ring in bulk, one native call for a
 * batch; or about any bytes. Commands are carried out all or none, and while other threads match.
 *
 * ```ts
 * const rules = new Ruleset('add deny tcp from any to any 22\nadd pipe 5 udp from 10.0.0.0/8 to any');
 * const verdicts = rules.classify(port.rxRings[0]);
 * for (let i = 0; i < verdicts.length; i++) if (verdicts.action(i) === VERDICT.DENY) dropped++;
 * ```
 *
 * Emits `log` with a {@link RuleLogEntry} for each frame that a rule with `log` matched, when its batch is done.
 */
export class Ruleset extends EventEmitter<{ log: [RuleLogEntry] }> {
  private readonly native: NativeRuleset;
  private readonly verdicts = new Verdicts(1024);
  private readonly ports = new Map<string, number>([['', 0]]);
  private readonly places = new Uint32Array(3);
  private writer: CaptureWriter | undefined;

  /**
   * @param commands text (one command a line), or a list of commands and rules
   * @throws NetmapError `ERR_NETMAP_RULE` with the `position` of the offence
   */
  constructor(commands: string | readonly (string | RuleSpec)[] = '', options: RulesetOptions = {}) {
    super();
    checkObject('options', options, KEYS);
    const { seed = 1, maxStates = 16384, logEntries = 1024, logSnaplen = 128 } = options;
    const fallback = options.default ?? 'allow';
    if (fallback !== 'allow' && fallback !== 'deny') {
      throw wrongValue('options.default', "must be 'allow' or 'deny'", fallback);
    }
    this.native = new (native().NativeRuleset)(
      fallback === 'allow',
      checkInteger('options.seed', seed, 0, Number.MAX_SAFE_INTEGER),
      checkInteger('options.maxStates', maxStates, 1, 1 << 24),
      checkInteger('options.logEntries', logEntries, 0, 1 << 20),
      checkInteger('options.logSnaplen', logSnaplen, 0, 1 << 16),
    );
    rulesetNative.set(this, this.native);
    this.apply(commands);
  }

  /**
   * A ruleset that lets pass what a condition describes (`tcp dst-port 80`: a rule's body) and
   * denies the rest; or the rules themselves, if the text begins with a command.
   */
  static filter(text: string, options: RulesetOptions = {}): Ruleset {
    checkString('text', text);
    checkObject('options', options, KEYS);
    if (COMMAND.test(text)) return new Ruleset(text, options);
    const rules = new Ruleset('', { default: 'deny', ...options });
    const problem = rules.native.condition(text);
    if (problem) throw ruleError(text, problem);
    return rules;
  }

  /**
   * Carries out commands, all or none: `add`, `delete`, `table ...`, `set ...`, `show`, ...
   *
   * @returns what they print
   * @throws NetmapError `ERR_NETMAP_RULE` with the `position` of the offence
   */
  apply(commands: string | readonly (string | RuleSpec)[]): string {
    const text = commandText(commands);
    const output = this.native.apply(text);
    if (typeof output !== 'string') throw ruleError(text, output);
    return output;
  }

  /** Whether commands could be carried out; throws as {@link apply} does if not. */
  check(commands: string | readonly (string | RuleSpec)[]): void {
    const text = commandText(commands);
    const problem = this.native.check(text);
    if (problem) throw ruleError(text, problem);
  }

  /** Adds one rule. */
  add(rule: RuleSpec | string): void {
    this.apply([typeof rule === 'string' ? `add ${rule}` : rule]);
  }

  /** All rules with their counters, as text. */
  show(): string {
    return this.apply('show');
  }

  /** All rules with their counters; the default rule is the last. */
  rules(): RuleReport[] {
    return this.native.report();
  }

  stats(): RulesetStats {
    return this.native.stats();
  }

  /**
   * Decides about the frames at the front of a ring, or of a batch: whole frames only. Moves nothing.
   *
   * @returns the same object each time, filled anew
   */
  classify(source: Ring | Batch, options: ClassifyOptions = EMPTY): Verdicts {
    if (options !== EMPTY) checkObject('options', options, CLASSIFY_KEYS);
    const { verdicts } = this;
    let ring: Ring;
    let first: number;
    let available: number;
    if (source instanceof Ring) {
      ring = source;
      first = ring.head;
      available = ring.available;
    } else if (source instanceof Batch) {
      ({ ring, first, count: available } = source);
    } else {
      throw wrongType('source', 'a Ring or a Batch', source);
    }
    const count = options.count === undefined ? available : Math.min(available, checkCount(options.count));
    const port = nativeOf.get(ring.port);
    if (!port) throw closedError(ring.port.name);
    const out = options.direction === undefined ? ring.isTx : this.isOut(options.direction);
    const recv = options.recv ?? (ring.isTx ? '' : ring.port.name);
    const xmit = options.xmit ?? (ring.isTx ? ring.port.name : '');
    verdicts.reserve(count);
    const done = this.native.classifyRing(
      port,
      ring.byteOffset,
      first,
      count,
      out ? 1 : 0,
      this.portNumber('recv', recv),
      this.portNumber('xmit', xmit),
      options.time === undefined ? -1 : checkTime(options.time),
      verdicts.records,
      verdicts.pass,
    );
    if (done < 0) {
      throw systemError('classifying frames of', -done, {
        port: ring.port.name,
        device: ring.port.device,
        call: 'classify',
      });
    }
    verdicts.slots = done % FRAME;
    verdicts.length = Math.floor(done / FRAME) % FRAME;
    if (done >= LOGGED) this.fetchLog(options.time);
    return verdicts;
  }

  /**
   * Decides about frames in one piece of memory, for example of a capture.
   *
   * @param places three numbers for each frame: offset in `data`, bytes that are there, bytes of the whole frame (which may be
   * more, where a capture was cut)
   * @returns the same object each time, filled anew
   */
  classifyBytes(data: Uint8Array, places: Uint32Array, options: ClassifyOptions = EMPTY): Verdicts {
    checkBytes('data', data);
    if (!(places instanceof Uint32Array)) throw wrongType('places', 'a Uint32Array', places);
    if (places.length % 3 !== 0) throw outOfRange('places.length', 'a multiple of 3', places.length);
    this.run(data, places, options, undefined);
    return this.verdicts;
  }

  /**
   * The verdict on one frame, with what else rules have noted about it.
   *
   * @param length bytes of the whole frame, where `frame` is only its beginning
   */
  match(frame: Uint8Array, options: ClassifyOptions = EMPTY, length?: number): Match {
    checkBytes('frame', frame);
    const { places, verdicts } = this;
    places[1] = frame.length;
    places[2] = length === undefined ? frame.length : checkInteger('length', length, frame.length, 0xffffffff);
    const notes: { tags: number[]; mark: number }[] = [];
    this.run(frame, places, options, notes);
    const action = verdicts.action(0);
    return {
      action: ACTIONS[action],
      ...(action >= VERDICT.PIPE ? { target: verdicts.target(0) } : {}),
      rule: verdicts.rule(0),
      ...notes[0],
      onePass: verdicts.onePass(0),
      edited: verdicts.edited(0),
    };
  }

  /**
   * @internal For apps: judges whole frames at some slots of an rx ring, and writes 1 or 0 for each slot into `pass`, from `at` on.
   * @returns slots
   */
  filterSlots(
    ring: Ring,
    first: number,
    count: number,
    out: boolean,
    xmit: string,
    pass: Uint8Array,
    at: number,
  ): number {
    const { port } = ring;
    const nativePort = nativeOf.get(port);
    if (!nativePort) throw closedError(port.name);
    const recv = this.portNumber('recv', port.name);
    const done = this.native.filterRing(
      nativePort,
      ring.byteOffset,
      first,
      count,
      out ? 1 : 0,
      recv,
      this.portNumber('xmit', xmit),
      pass,
      at,
    );
    if (done < 0) {
      throw systemError('classifying frames of', -done, { port: port.name, device: port.device, call: 'classify' });
    }
    if (done >= LOGGED) this.fetchLog(undefined);
    return done % FRAME;
  }

  /** @internal For apps whose native part has a ruleset: the number of a port's name. */
  numberOf(port: string): number {
    return this.portNumber('port', port);
  }

  /** @internal Emits what the native part has logged. */
  emitLog(): void {
    this.fetchLog(undefined);
  }

  /** Writes frames that rules with `log` match into a capture (undefined: no longer); `log` is emitted all the same. */
  logTo(writer: CaptureWriter | undefined): void {
    this.writer = checkLogWriter('writer', writer);
  }

  private run(
    data: Uint8Array,
    places: Uint32Array,
    options: ClassifyOptions,
    notes: { tags: number[]; mark: number }[] | undefined,
  ): void {
    if (options !== EMPTY) checkObject('options', options, CLASSIFY_KEYS);
    const { verdicts } = this;
    const count = places.length / 3;
    verdicts.length = verdicts.slots = count;
    if (count === 0) return;
    verdicts.reserve(count);
    const logged = this.native.classifyBytes(
      data.length === 0 ? NO_BYTES : data,
      places,
      count,
      options.direction !== undefined && this.isOut(options.direction) ? 1 : 0,
      this.portNumber('recv', options.recv ?? ''),
      this.portNumber('xmit', options.xmit ?? ''),
      options.time === undefined ? -1 : checkTime(options.time),
      verdicts.records,
      verdicts.pass,
      notes,
    );
    if (logged < 0) throw outOfRange('places', `within the ${data.length} bytes of "data"`, places);
    if (logged > 0) this.fetchLog(options.time);
  }

  private isOut(direction: string): boolean {
    if (direction !== 'in' && direction !== 'out') throw wrongValue('direction', "must be 'in' or 'out'", direction);
    return direction === 'out';
  }

  private portNumber(argument: string, name: string): number {
    let number = this.ports.get(name);
    if (number === undefined) {
      number = this.native.port(checkString(argument, name));
      this.ports.set(name, number);
    }
    return number;
  }

  private fetchLog(time: number | bigint | undefined): void {
    if (this.writer === undefined && this.listenerCount('log') === 0) return;
    const origin = time === undefined ? monotonicOrigin() : EPOCH;
    for (const entry of this.native.drainLog()) {
      if (this.writer) writeLogged(this.writer, entry, origin);
      this.emit('log', entry);
    }
  }
}

/** What the text of a filter begins with if it is rules and not a condition. */
const COMMAND = /^\s*(?:(?:ipfw|add|table|set|flush|delete|zero|disable|enable|sysctl)\s|#|\/\/)/;

/** @internal The native part of a ruleset, for the emulator. */
export const rulesetNative = new WeakMap<Ruleset, NativeRuleset>();

function commandText(commands: string | readonly (string | RuleSpec)[]): string {
  if (typeof commands === 'string') return commands;
  if (!Array.isArray(commands)) throw wrongType('commands', 'a string or an array of strings and rules', commands);
  const list = commands as readonly (string | RuleSpec)[];
  return list.map((one) => (typeof one === 'string' ? one : ruleCommand(one))).join('\n');
}

function checkTime(time: unknown): number {
  if (typeof time !== 'number' && typeof time !== 'bigint') throw wrongType('time', 'a number or a bigint (ns)', time);
  if (!(time >= 0 && time < 2 ** 63)) throw outOfRange('time', 'from 0 to 2^63 ns', time);
  return Number(time);
}

function checkCount(count: unknown): number {
  if (typeof count !== 'number') throw wrongType('count', 'a number', count);
  if (!(count >= 0)) throw outOfRange('count', 'at least 0', count);
  return Math.floor(count);
}
