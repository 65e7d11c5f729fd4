/** Rules, links, queues and schedulers, on a clock of the caller's or between two ports. */

import { EventEmitter } from 'node:events';
import {
  checkBoolean,
  checkBytes,
  checkInteger,
  checkObject,
  checkString,
  outOfRange,
  wrongType,
  wrongValue,
} from '../check';
import { errno } from '../errno';
import { NetmapError } from '../errors';
import { native } from '../native';
import type { NativeEmulator } from '../native-emulator';
import type { CaptureWriter } from '../pcap';
import { Ruleset, rulesetNative, type RuleReport } from '../ruleset';
import { checkLogWriter, checkOrigin, EPOCH, monotonicOrigin, writeLogged, type Origin } from '../ruleset/log-capture';
import { ruleError } from '../ruleset/problem';
import { Arrivals, checkFrames, MOST_FRAME, MOST_TIME } from './arrivals';
import { commandText, type EmulatorCommands } from './commands';
import { Departures, type EmulatedPacket } from './departures';
import { packetDrops, type EmulatorEvents } from './events';
import { Link } from './link';
import { Queue } from './queue';
import { Schedule, splitSchedule, type ScheduledCommand } from './schedule';
import { tryAll } from './schedule-trial';
import { Scheduler } from './scheduler';
import { readReport, type EmulatorStats, type FlowStats } from './stats';

/** What an {@link Emulator} takes; everything has a default. */
export interface EmulatorOptions {
  /** Of all random decisions, 0 to 2^53 - 1; 1 by default. Same seed, same packets and times, same outcome. */
  seed?: number;
  /** Most bytes of memory for packets and flows; 1 GiB by default. What finds no memory is dropped as `memory`. */
  memory?: number;
  /** What becomes of frames that no rule decides about; `allow` by default. */
  default?: 'allow' | 'deny';
  /** Links release packets with their first bit, where they do not say otherwise: for outputs that serialise again. */
  releaseStart?: boolean;
  /** Names of the ports as rules know them (`recv`, `xmit`, `via`): for {@link Emulator.put}. */
  inside?: string;
  outside?: string;
  /** Most dynamic states, entries that the log keeps until they are fetched, bytes of a frame in it: as in {@link RulesetOptions}. */
  maxStates?: number;
  logEntries?: number;
  logSnaplen?: number;
  /** Where files that commands name are looked for, if their paths are relative; the working directory by default. */
  folder?: string;
}

const KEYS = [
  'seed',
  'memory',
  'default',
  'releaseStart',
  'inside',
  'outside',
  'folder',
  'maxStates',
  'logEntries',
  'logSnaplen',
];

/**
 * A link emulator: dummynet's pipes, queues and schedulers behind ipfw's rules (`docs/dummynet.md` and `docs/ipfw.md` have
 * every word). On a clock of its caller's it is a simulation, the same each time:
 *
 * ```ts
 * const emulator = new Emulator('pipe 1 config bw 1Mbit/s delay 20ms\nadd pipe 1 out', { seed: 7 });
 * emulator.put(frame, { time: 0 });
 * for (const { time, data } of emulator.advance(1e9)) console.log(time, data.length);
 * ```
 *
 * A line that begins with a time is for later, on its clock (between ports: since the start, within 10 ms): `at 10s pipe 1 change bw
 * 256Kbit/s`. Such lines are looked at at once, so that what is wrong with them is told now.
 *
 * Between two ports it works in threads of its own, see {@link Emulation}. Commands may be given at any time, and are
 * carried out all or none; packets that wait are neither lost nor reordered, unless what they wait for is deleted.
 */
export class Emulator extends EventEmitter<EmulatorEvents> {
  /** What was said about commands so far: see the event `note`. */
  readonly notes: string[] = [];
  /** @internal */
  readonly native: NativeEmulator;
  private readonly rulesOnly: Ruleset;
  private readonly folder: string;
  private readonly schedule = new Schedule();
  private now = 0;
  /** Whether it works on the caller's clock, or between ports; undefined as long as neither was asked for. */
  private use: 'clock' | 'ports' | undefined;
  private readonly arrivals = new Arrivals();
  /** For {@link Emulator.advance}. */
  private readonly departures = new Departures();
  private missed = 0;
  private logWriter: CaptureWriter | undefined;
  private logOrigin = EPOCH;

  /** @throws NetmapError `ERR_NETMAP_RULE` with the `position` of what is wrong in the commands */
  constructor(commands: EmulatorCommands = '', options: EmulatorOptions = {}) {
    super();
    checkObject('options', options, KEYS);
    const { seed = 1, memory = 2 ** 30, releaseStart = false, inside = '', outside = '', folder = '' } = options;
    const { maxStates, logEntries, logSnaplen } = options;
    this.rulesOnly = new Ruleset('', { default: options.default, seed, maxStates, logEntries, logSnaplen });
    this.folder = checkString('options.folder', folder);
    this.native = new (native().NativeEmulator)(rulesetNative.get(this.rulesOnly)!, {
      seed: checkInteger('options.seed', seed, 0, Number.MAX_SAFE_INTEGER),
      memory: checkInteger('options.memory', memory, 1 << 20, Number.MAX_SAFE_INTEGER),
      releaseStart: checkBoolean('options.releaseStart', releaseStart),
      inside: checkString('options.inside', inside),
      outside: checkString('options.outside', outside),
    });
    // Drops are kept one by one only while somebody listens.
    const emitter = this as unknown as EventEmitter;
    emitter.on('newListener', (event) => event === 'drop' && this.native.watchDrops(true));
    emitter.on('removeListener', (event) => event === 'drop' && this.native.watchDrops(this.listenerCount('drop') > 0));
    this.apply(commands);
  }

  /**
   * Carries out commands, all or none, in one moment.
   *
   * @returns what they print (`show`, `list`, ...)
   * @throws NetmapError `ERR_NETMAP_RULE` with the `position` of what is wrong; nothing has changed then
   */
  apply(commands: EmulatorCommands): string {
    return this.applyIn(commands);
  }

  /** @internal As {@link Emulator.apply}, with another folder in which files are looked for. */
  applyIn(commands: EmulatorCommands, folder = this.folder): string {
    this.hand();
    const text = commandText(commands);
    const { now, later, flush } = splitSchedule(text);
    const list = later.length > 0 ? this.schedule.with(later, flush) : undefined;
    if (list) tryAll(this.native, folder, text, now, list);
    const result = this.native.configure(now, folder);
    if (!('output' in result)) throw ruleError(text, result);
    if (list !== undefined || flush) this.schedule.replace(list ?? [], folder);
    for (const note of result.notes) this.tellNote(note);
    this.emit('change', text);
    return result.output;
  }

  /** Changes a link, queue or scheduler of this number in what the options say, and in nothing else. */
  change(what: Link | Queue | Scheduler): void {
    if (!(what instanceof Link || what instanceof Queue || what instanceof Scheduler)) {
      throw wrongType('what', 'a Link, a Queue or a Scheduler', what);
    }
    this.apply(what.changeCommand);
  }

  /** Everything, as text: links, queues, schedulers, and rules with their counters. */
  show(): string {
    const later = this.schedule.commands.map(({ time, command }) => `at ${time / 1e9}s ${command}\n`);
    return this.apply('pipe show\nqueue show\nsched show\nshow') + later.join('');
  }

  /** What is to come: commands of lines that began with `at`, in the order of their times. */
  get scheduled(): readonly ScheduledCommand[] {
    return this.schedule.commands.map(({ time, command }) => ({ time, command }));
  }

  /** @internal Carries out what is due at this time, in ns. What is refused by now is told by a note. */
  carryOut(time: number): void {
    while (this.schedule.next <= time) {
      const { time: due, command, folder } = this.schedule.take();
      try {
        this.applyIn(command, folder);
      } catch (error) {
        if (!(error instanceof NetmapError)) throw error;
        this.tellNote(`at ${due / 1e9}s ${command}: ${error.message.split('\n')[0]}`);
      }
    }
  }

  private tellNote(note: string): void {
    if (this.notes.length < 1000) this.notes.push(note);
    this.emit('note', note);
  }

  /** Lets the clock go on to this time, past all that is due until then. */
  private reach(time: number): void {
    this.hand();
    while (this.schedule.next <= time) {
      this.now = Math.max(this.now, this.schedule.next);
      this.native.advance(this.now, MOST_TIME);
      this.carryOut(this.now);
    }
  }

  /** All rules with their counters; the default rule is the last. */
  rules(): RuleReport[] {
    return this.rulesOnly.rules();
  }

  stats(): EmulatorStats {
    this.hand();
    return readReport(this.native.report()).stats;
  }

  /** Flows of a link that have queues of their own. */
  flows(link: number, most = 1000): FlowStats[] {
    checkInteger('link', link, 1, 65535);
    checkInteger('most', most, 0, 1e6);
    this.hand();
    return (JSON.parse(this.native.flows(link, most)) as FlowStats[][]).flat();
  }

  /** Drops everything that is inside. */
  flush(): void {
    this.hand();
    this.native.flush();
  }

  /**
   * Puts a frame in. The clock goes on to its time; what comes out until then is handed out by the next {@link Emulator.advance}.
   *
   * @param frame an Ethernet frame, copied
   * @param options `time` in ns, never less than before; `out`, from the inside, if `direction` does not say otherwise
   */
  put(frame: Uint8Array, options: { time: number; direction?: 'out' | 'in' }): void {
    this.onClock();
    checkBytes('frame', frame);
    if (typeof options !== 'object' || options === null) throw wrongType('options', 'an object with a time', options);
    for (const key in options) {
      if (key !== 'time' && key !== 'direction') checkObject('options', options, ['time', 'direction']);
    }
    const { time, direction = 'out' } = options;
    if (direction !== 'out' && direction !== 'in') throw wrongValue('direction', "must be 'out' or 'in'", direction);
    const { length } = frame;
    if (length < 1 || length > MOST_FRAME) throw outOfRange('frame.length', `from 1 to ${MOST_FRAME}`, length);
    this.checkTime(time);
    if (time >= this.schedule.next) {
      this.reach(time);
      return this.put(frame, options); // listeners may have done whatever meanwhile
    }
    this.now = time;
    if (!this.arrivals.hasRoom(length)) this.hand();
    this.arrivals.add(frame, time, direction === 'out');
  }

  /**
   * Lets the clock go on.
   *
   * @param time in ns, never less than before; `Infinity`: until everything is out
   * @returns what has come out since the last call, in the order of its times
   */
  advance(time: number): EmulatedPacket[] {
    const packets: EmulatedPacket[] = [];
    const { departures } = this;
    while (this.advanceInto(departures, time) > 0) {
      for (let i = 0; i < departures.length; i++) packets.push(departures.packet(i));
    }
    return packets;
  }

  /**
   * As {@link Emulator.advance}, in bulk: fills columns, and allocates nothing. Where not everything fits, the clock stops
   * on its way, and the next call goes on:
   *
   * ```ts
   * const departures = new Departures();
   * while (emulator.advanceInto(departures, time) > 0) {
   *   for (let i = 0; i < departures.length; i++) console.log(departures.id(i), departures.time(i));
   * }
   * ```
   *
   * @returns how many packets; 0 when all that has come out by then was handed out
   */
  advanceInto(departures: Departures, time: number): number {
    this.onClock();
    if (!(departures instanceof Departures)) throw wrongType('departures', 'a Departures', departures);
    departures.check();
    if (time !== Infinity) this.checkTime(time);
    this.hand();
    for (;;) {
      const due = this.dueIfAny(time);
      const count = this.fetchUntil(departures, Math.min(time, due));
      if (count > 0 || due === Infinity || due > time) return (departures.length = count);
      this.reach(due);
    }
  }

  /** When something is to be done by commands before this time; when all packets are out they wait for more of them. */
  private dueIfAny(time: number): number {
    return time === Infinity && this.native.next() === Infinity ? Infinity : this.schedule.next;
  }

  private fetchUntil(departures: Departures, time: number): number {
    const reached = this.native.advance(Math.max(time, this.now), departures.bytes.length);
    if (reached < 0) throw outOfRange('time', 'a time', time);
    this.now = reached === Infinity ? Math.max(this.now, this.native.now()) : Math.max(this.now, reached);
    this.tell();
    const count = this.native.fetch(departures.bytes, departures.times, departures.places);
    if (count < 0) throw departures.lost(); // meanwhile, by a listener
    return count;
  }

  /**
   * As {@link Emulator.put} for many frames, with one call.
   *
   * @param data memory that they lie in; copied
   * @param places three numbers for each frame: offset in `data`, length, 1 if it comes from the inside (0 if not)
   * @param times of each, in ns, never less than the one before
   * @param count how many, by default as many as there are times
   */
  putAll(data: Uint8Array, places: Uint32Array, times: Float64Array, count?: number): void {
    this.onClock();
    checkBytes('data', data);
    if (!(places instanceof Uint32Array)) throw wrongType('places', 'a Uint32Array', places);
    if (!(times instanceof Float64Array)) throw wrongType('times', 'a Float64Array', times);
    const most = Math.min(times.length, Math.floor(places.length / 3));
    const all = checkInteger('count', count ?? times.length, 0, most);
    const last = checkFrames(data.length, places, times, 0, all, this.now);
    this.hand();
    for (let from = 0; from < all;) {
      const reached = times[from] >= this.schedule.next;
      if (reached) this.reach(times[from]);
      const due = this.schedule.next;
      let to = all;
      if (due <= last) for (to = from; to < all && times[to] < due;) to++;
      // Listeners may have done whatever meanwhile.
      if (reached) checkFrames(data.length, places, times, from, Math.max(to, from + 1), this.now);
      const result = this.native.put(
        data,
        from === 0 ? places : places.subarray(3 * from),
        from === 0 ? times : times.subarray(from),
        to - from,
      );
      if (result < 0) throw new Error(`put ${result}`);
      this.now = times[to - 1];
      from = to;
    }
  }

  /** Drops that `drop` was not emitted for, because more than 65,536 came between two looks. */
  get missedDrops(): number {
    return this.missed;
  }

  /** When the next thing happens inside, in ns; Infinity when nothing is inside. */
  get next(): number {
    this.onClock();
    this.hand();
    const next = this.native.next();
    return next === Infinity ? next : Math.min(next, Math.max(this.now, this.schedule.next));
  }

  /** The clock, in ns. */
  get time(): number {
    return this.now;
  }

  /** @internal For {@link Emulation}: it works between ports from now on. */
  forPorts(): void {
    if (this.use !== undefined) throw this.busy();
    this.use = 'ports';
  }

  /** @internal For {@link OfflineEmulation}: its clock begins with the capture. */
  forCapture(): void {
    if (this.use === 'ports' || this.now > 0) throw this.busy();
  }

  private busy(): NetmapError {
    const problem = this.use === 'clock' ? 'has been used on a clock' : 'works between ports already';
    return new NetmapError(`this emulator ${problem}: make another one`, { code: 'EBUSY', errno: errno.EBUSY });
  }

  /**
   * Writes frames that rules with `log` match into a capture (undefined: no longer); `log` is emitted all the same.
   *
   * @param origin when the clock was 0, in seconds since 1970 and nanoseconds; between ports times are the system's
   */
  logTo(writer: CaptureWriter | undefined, origin: Origin = EPOCH): void {
    this.logWriter = checkLogWriter('writer', writer);
    this.logOrigin = checkOrigin(origin);
  }

  /** @internal Emits what the native part has noted since. */
  tell(): void {
    if (this.logWriter !== undefined || this.listenerCount('log') > 0) {
      const origin = this.use === 'ports' ? monotonicOrigin() : this.logOrigin;
      for (const entry of this.native.drainLog()) {
        if (this.logWriter) writeLogged(this.logWriter, entry, origin);
        this.emit('log', entry);
      }
    }
    if (this.listenerCount('drop') > 0) {
      const [missed, drops] = this.native.drainDrops();
      this.missed += missed;
      for (const drop of packetDrops(drops)) this.emit('drop', drop);
    }
  }

  private onClock(): void {
    if (this.use === 'ports') {
      throw new NetmapError('this emulator works between ports, on their clock', { code: 'EBUSY', errno: errno.EBUSY });
    }
    this.use = 'clock';
  }

  private checkTime(time: unknown): number {
    if (typeof time !== 'number') throw wrongType('time', 'a number (ns)', time);
    if (!(time >= this.now && time <= MOST_TIME))
      throw outOfRange('time', `from ${this.now} (now) to 2^53 - 1 ns`, time);
    return time;
  }

  private hand(): void {
    this.arrivals.hand(this.native);
  }
}
