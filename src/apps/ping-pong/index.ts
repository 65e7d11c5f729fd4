import { checkInteger, checkObject, outOfRange, wrongType, wrongValue } from '../../check';
import { native } from '../../native';
import { PAUSE, PINGER, REFLECTOR, type NativePinger, type NativeReflector } from '../../native-traffic';
import type { UdpOptions } from '../../packet';
import type { Port } from '../../port';
import type { Details } from '../details';
import { sleep, turn, TURN_MS } from '../event-loop';
import { makePackets } from '../generator/packets';
import type { Traffic } from '../meter';
import { PortApp } from '../port-app';
import { checkReceives } from '../receiver';
import { TimeLimit } from '../time-limit';
import { checkErrno, nativePort, nativeRings, resumeRings } from '../traffic/bound';
import { histogramData } from '../traffic/histogram';
import { Spin } from '../traffic/spin';
import { txRing } from '../tx-ring';

/** What {@link PingPong} takes; everything has a default. */
export interface PingPongOptions {
  /** `ping` (the default) asks and measures; `pong` sends back what it receives, with addresses and ports exchanged. */
  role?: 'ping' | 'pong';
  /** Questions to ask, or packets to send back; default: no end. */
  count?: number;
  /** Seconds until it ends; default: never. */
  duration?: number;
  /** Questions asked at once, 1 by default. Each of them is timed. */
  burst?: number;
  /** Seconds from one question (or burst) to the next; 0 (the default): the next one follows the answer. */
  interval?: number;
  /** Seconds until a question counts as lost, 1 by default. */
  timeout?: number;
  /** The question, as the options of `udp()`; its payload needs 18 bytes at least. */
  frame?: UdpOptions;
  /** Tells our questions from those of others, 0 to 2^32 - 1; 0 by default. */
  stream?: number;
  /** How a ping waits for answers: looking all the time (`spin`, the default), or in the device's `poll` (`block`). */
  wait?: 'spin' | 'block';
}

/** What a ping or pong has done. For a ping, `packets` are answers. */
export interface PingPongStats extends Traffic {
  /** Questions asked, those that had no answer in time, answers that came too late, packets that were no answers. Ping only. */
  sent?: number;
  lost?: number;
  late?: number;
  others?: number;
}

/** Measurements of nothing, before the first question. */
const OVERHEAD_SAMPLES = 1000;
/** Waits for the next question from this length on, in ms, are left to timers. */
const PATIENCE = 2;

const KEYS = ['role', 'count', 'duration', 'burst', 'interval', 'timeout', 'frame', 'stream', 'wait'] as const;

/**
 * Measures round trips: one packet there and back at a time, or a burst of them.
 *
 * ```ts
 * await using ping = new PingPong(port, { count: 1000 });
 * await ping.start();
 * console.log(ping.details().histograms);          // roundTrip, and overhead: what measuring costs by itself
 * ```
 */
export class PingPong extends PortApp<PingPongStats> {
  private readonly options: PingPongOptions;
  private readonly pinger: NativePinger | undefined;
  private readonly reflector: NativeReflector | undefined;
  private readonly numbers: Float64Array;
  private readonly spin: Spin;

  constructor(port: Port, options: PingPongOptions = {}) {
    super(port);
    checkOptions(options);
    checkReceives(port);
    this.options = options;
    this.spin = new Spin(port);
    const tx = nativeRings([txRing(port)]);
    const rx = nativeRings(port.rxRings);
    const rings = { ...tx, rxRings: rx.rings, rxHeads: rx.heads, count: options.count ?? Infinity };
    this.numbers = new Float64Array(Math.max(PINGER.heads, REFLECTOR.heads) + 1 + port.rxRings.length);
    if (options.role === 'pong') {
      this.reflector = new (native().NativeReflector)(nativePort(port), rings);
    } else {
      const { frame, stream = 0, burst = 1, interval = 0, timeout = 1, wait } = options;
      const packets = makePackets({ frame, stream, timestamps: true });
      if (!packets.timed) throw wrongValue('frame', 'must have a payload of at least 18 bytes', frame);
      if (packets.longest > port.bufSize) throw outOfRange('frame.length', `at most ${port.bufSize}`, packets.longest);
      const waiting = {
        interval: 1000 * interval,
        timeout: 1000 * timeout,
        patience: PATIENCE,
        sleep: wait === 'block',
      };
      const config = { ...packets.native, ...rings, stream, burst, ...waiting };
      this.pinger = new (native().NativePinger)(nativePort(port), config);
    }
    this.read();
  }

  stats(): PingPongStats {
    const numbers = this.read();
    if (this.reflector) return traffic(numbers, REFLECTOR.packets, REFLECTOR.bytes, REFLECTOR.first, REFLECTOR.last);
    const { sent, lost, late, others } = PINGER;
    return {
      ...traffic(numbers, PINGER.answered, PINGER.bytes, PINGER.first, PINGER.last),
      ...{ sent: numbers[sent], lost: numbers[lost], late: numbers[late], others: numbers[others] },
    };
  }

  /** Of a ping: `roundTrip`, and `overhead`, what a measurement takes that waits for nothing. */
  override details(): Details {
    const { pinger } = this;
    if (!pinger) return {};
    const of = (name: 'roundTrip' | 'overhead') => histogramData(pinger.histogram(name));
    return { histograms: { roundTrip: of('roundTrip'), overhead: of('overhead') } };
  }

  protected async run(): Promise<void> {
    const limit = new TimeLimit(this.options.duration ?? Infinity, this.signal);
    try {
      if (this.pinger) await this.ping(this.pinger, limit.signal);
      else await this.pong(this.reflector!, limit.signal);
    } finally {
      limit.clear();
    }
  }

  private async ping(pinger: NativePinger, signal: AbortSignal): Promise<void> {
    checkErrno(pinger.begin(OVERHEAD_SAMPLES), this.port);
    while (!signal.aborted) {
      const pause = checkErrno(pinger.run(TURN_MS), this.port);
      this.resume();
      if (pause === PAUSE.done) return;
      if (pause === PAUSE.rate) await sleep(Math.max(0, this.numbers[PINGER.wait] / 1e6 - 1), signal);
      else await turn();
    }
  }

  private async pong(reflector: NativeReflector, signal: AbortSignal): Promise<void> {
    const { numbers, options } = this;
    while (!signal.aborted) {
      const before = numbers[REFLECTOR.packets];
      checkErrno(reflector.run(TURN_MS, this.spin.ms), this.port);
      this.resume();
      if (numbers[REFLECTOR.packets] >= (options.count ?? Infinity)) return;
      if (numbers[REFLECTOR.packets] !== before) await turn();
      else await this.spin.wait(signal, Infinity);
    }
  }

  private resume(): void {
    const heads = this.pinger ? PINGER.heads : REFLECTOR.heads;
    resumeRings([txRing(this.port), ...this.port.rxRings], this.read(), heads);
  }

  private read(): Float64Array {
    const good = (this.pinger ?? this.reflector)!.stats(this.numbers);
    if (!good) throw wrongValue('options', 'make no ping', this.options);
    return this.numbers;
  }
}

function traffic(numbers: Float64Array, packets: number, bytes: number, first: number, last: number): Traffic {
  const seconds = (numbers[last] - numbers[first]) / 1e9;
  const pps = seconds > 0 ? numbers[packets] / seconds : 0;
  return { packets: numbers[packets], bytes: numbers[bytes], seconds, pps };
}

function checkOptions(options: PingPongOptions): void {
  checkObject('options', options, KEYS);
  const { role, burst, stream, wait } = options;
  if (role !== undefined && role !== 'ping' && role !== 'pong')
    throw wrongValue('role', "must be 'ping' or 'pong'", role);
  if (wait !== undefined && wait !== 'spin' && wait !== 'block')
    throw wrongValue('wait', "must be 'spin' or 'block'", wait);
  if (stream !== undefined) checkInteger('stream', stream, 0, 0xffffffff);
  if (burst !== undefined) checkInteger('burst', burst, 1, 65536);
  for (const name of ['count', 'duration', 'interval', 'timeout'] as const) {
    const value: unknown = options[name];
    if (value === undefined) continue;
    if (typeof value !== 'number') throw wrongType(name, 'a number', value);
    if (!(value > 0 || (name === 'interval' && value === 0))) throw outOfRange(name, 'greater than 0', value);
  }
}
