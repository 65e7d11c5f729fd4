import { availableParallelism } from 'node:os';
import type { Traffic } from '../apps';
import { App } from '../apps/app';
import type { Details } from '../apps/details';
import { checkBoolean, checkInteger, checkObject, wrongType, wrongValue } from '../check';
import { errno as systemErrno } from '../errno';
import { closedError, NetmapError } from '../errors';
import { parsePortName } from '../name';
import type { NativeLane } from '../native-emulator';
import { nativeOf, Port } from '../port';
import { getPortHeader } from '../port-header';
import type { Ring } from '../ring';
import { systemError } from '../system-error';
import { Emulator } from './emulator';
import { Sampler } from './sampler';
import { allDrops, readReport, type DirectionStats, type EmulatorStats, type Times } from './stats';

/** A port; or its two halves, each opened by itself (`rxOnly`, `txOnly`), for a thread each. */
export type EmulationPort = Port | { rx: Port; tx: Port };

/** What {@link Emulation} takes; everything has a default. */
export interface EmulationOptions {
  /**
   * 1 (the default): one thread for both directions, which may share links. 2: one for each, with links, queues and random
   * numbers of its own; ports have to be given as halves, because a port is one thread's.
   */
  threads?: 1 | 2;
  /** Look for packets all the time, instead of sleeping until there are some: exact to microseconds, and costs a core. */
  spin?: boolean;
  /** Cores to run on: one for each thread. */
  cores?: readonly number[];
  /**
   * Priority of the threads among real-time ones (SCHED_FIFO), from 1 to 99; 0, the default, is none. Nobody else then takes a
   * thread's core away, except for what the system keeps for them (on Linux, 5 % of each second). Needs CAP_SYS_NICE, or a limit
   * (`ulimit -r`) as high. A thread that spins leaves next to nothing of its core, so there must be more cores than threads.
   */
  realtime?: number;
  /** Copy even where buffers could be exchanged; false by default. */
  copy?: boolean;
  /** Keep delay, backlog and throughput as time goes by, for {@link Emulation.details}; false by default. */
  curves?: boolean;
}

/** What an {@link Emulation} has done: packets put out, both directions together, and what {@link EmulatorStats} says. */
export interface EmulationStats extends Traffic, EmulatorStats {
  /** Packets that did not come out, whatever the cause. */
  dropped: number;
  /** Packets that passed without being held back. */
  straight: number;
  zeroCopy: boolean;
  directions: DirectionStats[];
  /** For how long each thread stood still while commands came into force or counters were read. Not while it slept. */
  pauses: Times[];
}

type Lane = NativeLane & { rx: readonly Ring[]; tx: readonly Ring[] };

const KEYS = ['threads', 'spin', 'cores', 'realtime', 'copy', 'curves'];
/** Ports that emulations have at the moment. */
const inUse = new WeakSet<Port>();
/** How often JavaScript looks whether the threads are still there, in ms. */
const LOOK_MS = 10;

/**
 * An emulator between two ports: frames from the inside are `out`, frames to it are `in`. Native threads move them; JavaScript
 * configures and reads. What nothing holds back passes by exchange of buffers where both ports use one memory region; what has to
 * wait is copied once in and once out. As long as it runs the ports are its own.
 *
 * Where frames of a port begin with a virtio-net header (`acceptVnetHdr`), rules and links see them as a wire carries them: checksums
 * are completed, large frames become segments of 1514 bytes, and headers of what comes out say that nothing is left to do.
 *
 * ```ts
 * using inside = open('vale0:a');
 * using outside = open('vale1:b');
 * const emulator = new Emulator([new Link(1, { bandwidth: '10Mbit/s', delay: '20ms' }), { action: 'pipe 1' }]);
 * await using emulation = new Emulation(inside, outside, emulator, { spin: true });
 * void emulation.start();
 * emulator.change(new Link(1, { delay: '80ms' }));
 * emulation.stop({ drain: true });
 * ```
 */
export class Emulation extends App<EmulationStats> {
  readonly emulator: Emulator;
  /** Whether buffers change places where nothing holds frames back. */
  readonly zeroCopy: boolean;
  private readonly lanes: readonly Lane[];
  private readonly options: Required<Omit<EmulationOptions, 'copy'>>;
  private readonly sampler = new Sampler();
  private readonly names: { inside: string; outside: string };

  constructor(inside: EmulationPort, outside: EmulationPort, emulator: Emulator, options: EmulationOptions = {}) {
    const [a, b] = [halves('inside', inside), halves('outside', outside)];
    if (!(emulator instanceof Emulator)) throw wrongType('emulator', 'an Emulator', emulator);
    checkObject('options', options, KEYS);
    super(...new Set([a.rx, a.tx, b.rx, b.tx]));
    const { threads = 1, spin = false, cores = [], realtime = 0, copy = false, curves = false } = options;
    checkInteger('options.threads', threads, 1, 2);
    checkBoolean('options.spin', spin);
    checkBoolean('options.copy', copy);
    checkBoolean('options.curves', curves);
    if (!Array.isArray(cores)) throw wrongType('options.cores', 'an array of numbers', cores);
    for (const core of cores) checkInteger('options.cores', core, 0, 1023);
    if (cores.length > threads) throw wrongValue('options.cores', 'must be one for each thread at most', cores);
    checkInteger('options.realtime', realtime, 0, 99);
    if (realtime > 0 && spin && threads >= availableParallelism()) {
      throw wrongValue(
        'options.realtime',
        `with spin takes every core that this process may run on: ${threads}`,
        realtime,
      );
    }
    if (threads === 2 && (a.rx === a.tx || b.rx === b.tx)) {
      const hint = 'open each twice, with rxOnly and txOnly, and give { rx, tx }';
      throw wrongValue('options.threads', `needs ports in two halves: ${hint}`, threads);
    }
    const names = { inside: a.rx.name, outside: b.rx.name };
    if (shareRings(a.rx, b.rx)) throw wrongValue('outside', 'must be another port than "inside"', b.rx.name);
    this.emulator = emulator;
    this.options = { threads, spin, cores, realtime, curves };
    this.names = names;
    const headers = { inside: headerOf(a.rx), outside: headerOf(b.rx) };
    const alike = headers.inside === headers.outside;
    this.zeroCopy = !copy && alike && a.rx.canSwapWith(b.tx) && b.rx.canSwapWith(a.tx);
    this.lanes = [
      { ...lane(a.rx, b.tx, this.zeroCopy), fromHeader: headers.inside, toHeader: headers.outside },
      { ...lane(b.rx, a.tx, this.zeroCopy), fromHeader: headers.outside, toHeader: headers.inside },
    ];
    emulator.forPorts();
  }

  /**
   * Ends it.
   *
   * @param options `drain`: take nothing more, and end when everything is out; otherwise what is inside is dropped. A second
   * call drops in any case.
   */
  override stop(options: { drain?: boolean } = {}): void {
    checkObject('options', options, ['drain']);
    const { drain = false } = options;
    this.emulator.native.stop(checkBoolean('options.drain', drain) && !this.stopped);
    super.stop();
  }

  stats(): EmulationStats {
    const { stats, directions, pauses } = readReport(this.emulator.native.report());
    const sum = (value: (one: DirectionStats) => number) => directions.reduce((total, one) => total + value(one), 0);
    const packets = sum(({ outPackets }) => outPackets);
    const moved = directions.filter(({ outPackets }) => outPackets > 0);
    const [first, last] = [Math.min(...moved.map(({ first }) => first)), Math.max(...moved.map(({ last }) => last))];
    const seconds = moved.length > 0 ? (last - first) / 1e9 : 0;
    return {
      packets,
      bytes: sum(({ outBytes }) => outBytes),
      seconds,
      pps: seconds > 0 ? packets / seconds : 0,
      dropped: allDrops(stats.drops) + stats.denied + sum(({ noRoom }) => noRoom),
      straight: sum(({ straight }) => straight),
      zeroCopy: this.zeroCopy,
      directions,
      pauses,
      ...stats,
    };
  }

  override details(): Details {
    return { curves: this.sampler.curves() };
  }

  protected async run(): Promise<void> {
    const { emulator, lanes, options } = this;
    if (this.stopped) return;
    for (const port of this.ports) if (port.closed) throw closedError(port.name);
    const taken = this.ports.find((port) => inUse.has(port));
    if (taken) {
      const problem = `'${taken.name}' is in use by another emulation: stop that first`;
      throw new NetmapError(problem, { code: 'EBUSY', errno: systemErrno.EBUSY, port: taken.name });
    }
    const failure = emulator.native.start({
      lanes: lanes.map((one) => ({
        ...one,
        heads: Float64Array.from(one.rx, ({ head }) => head),
        toHeads: Float64Array.from(one.tx, ({ head }) => head),
      })),
      threads: options.threads,
      spin: options.spin,
      cores: Float64Array.from(options.cores),
      realtime: options.realtime,
      ...this.names,
    });
    const { name, device } = this.ports[0];
    if (failure) {
      throw systemError(`emulating at (${failure.detail || failure.call})`, failure.errno, {
        port: name,
        device,
        call: failure.call,
        ...this.hint(failure.errno),
      });
    }
    for (const port of this.ports) inUse.add(port);
    try {
      const state = await this.watch();
      if (state < 0) throw systemError('syncing', -state, { port: name, device, call: 'NIOCTXSYNC' });
    } finally {
      // A listener that throws ends it, too.
      this.stop();
      while (emulator.native.state() === 1) await pause();
      this.finish();
      for (const port of this.ports) inUse.delete(port);
    }
  }

  /** Tells what happens until the threads have ended; returns what they ended by. */
  private async watch(): Promise<number> {
    const { emulator, options } = this;
    const begin = performance.now();
    for (let looks = 0; ; looks++) {
      const state = emulator.native.state();
      if (state === 1) emulator.carryOut((performance.now() - begin) * 1e6);
      if (options.curves && looks % 10 === 0 && this.sampler.due) {
        this.sampler.sample((performance.now() - begin) / 1000, this.stats());
      }
      emulator.tell();
      if (state !== 1) return state;
      await pause();
    }
  }

  private hint(errno: number): { hint?: string } {
    const { cores, realtime } = this.options;
    if (realtime > 0 && errno === systemErrno.EPERM) {
      return { hint: `real-time priority needs CAP_SYS_NICE, or a limit (ulimit -r) of at least ${realtime}` };
    }
    return cores.length > 0 ? { hint: 'name cores that this process may run on, as nproc counts them' } : {};
  }

  /** The threads have gone: the ports' owner goes on where they stopped. */
  private finish(): void {
    const heads = this.emulator.native.heads();
    let k = 0;
    // One thread has both lanes in their order; so have two, a lane each.
    for (const { rx, tx } of this.lanes) {
      for (const ring of [...rx, ...tx]) {
        const head = heads[k++];
        if (!ring.port.closed) ring.resume(head);
      }
    }
  }
}

function pause(): Promise<void> {
  return new Promise((done) => setTimeout(done, LOOK_MS));
}

function halves(argument: string, port: EmulationPort): { rx: Port; tx: Port } {
  if (port instanceof Port) return { rx: port, tx: port };
  const { rx, tx } = checkObject(argument, port, ['rx', 'tx']);
  if (!(rx instanceof Port)) throw wrongType(`${argument}.rx`, 'a Port', rx);
  if (!(tx instanceof Port)) throw wrongType(`${argument}.tx`, 'a Port', tx);
  return { rx, tx };
}

/** What devices answer about ports that have no virtio-net header of their own: no such name, nothing of the kind. */
const HEADERLESS: readonly (number | undefined)[] = [systemErrno.ENXIO, systemErrno.ENODEV, systemErrno.EOPNOTSUPP];

/** Bytes of virtio-net header before the frames of a port. */
function headerOf(port: Port): number {
  try {
    return getPortHeader(bareName(port), { device: port.device });
  } catch (error) {
    if (error instanceof NetmapError && HEADERLESS.includes(error.errno)) return 0;
    throw error;
  }
}

function lane(from: Port, to: Port, swap: boolean): Omit<Lane, 'fromHeader' | 'toHeader'> {
  const rx = from.rxRings;
  const tx = to.txRings;
  if (rx.length === 0) throw wrongValue('port', 'has no rx rings', from.name);
  if (tx.length === 0) throw wrongValue('port', 'has no tx rings', to.name);
  const [fromNative, toNative] = [nativeOf.get(from), nativeOf.get(to)];
  if (!fromNative || from.closed) throw closedError(from.name);
  if (!toNative || to.closed) throw closedError(to.name);
  return {
    from: fromNative,
    to: toNative,
    rx,
    tx,
    rings: Float64Array.from(rx, ({ byteOffset }) => byteOffset),
    heads: new Float64Array(),
    toRings: Float64Array.from(tx, ({ byteOffset }) => byteOffset),
    toHeads: new Float64Array(),
    swap,
  };
}

/** Whether both receive what the other one does. A card and the host behind it have one name, and rings of their own. */
function shareRings(a: Port, b: Port): boolean {
  if (bareName(a) !== bareName(b)) return false;
  return a.rxRings.some(({ kind, id }) => b.rxRings.some((ring) => ring.kind === kind && ring.id === id));
}

/** A port's name without ring and options. */
function bareName({ name }: Port): string {
  try {
    return parsePortName(name).name;
  } catch {
    return name; // that of a structured spec, taken literally
  }
}
