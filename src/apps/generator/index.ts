import { NetmapError } from '../../errors';
import { native } from '../../native';
import { PATTERN, PAUSE, PREPARED, SENDER, type NativeSender } from '../../native-traffic';
import type { Port } from '../../port';
import type { Ring } from '../../ring';
import { outOfRange, wrongValue } from '../../check';
import type { Details } from '../details';
import { sleep, turn, TURN_MS } from '../event-loop';
import type { Traffic } from '../meter';
import { PortApp } from '../port-app';
import { drain, waitForRoom } from '../room';
import { TimeLimit } from '../time-limit';
import { checkErrno, nativePort, nativeRings, resumeRings } from '../traffic/bound';
import { histogramData } from '../traffic/histogram';
import { showBatch } from '../traffic/show-batch';
import { longestFrame, txRing } from '../tx-ring';
import { checkOptions, type GeneratorOptions } from './options';
import { makePackets, type Packets } from './packets';
import { FRAMING, gapsOf, LINE, parseRate } from './rate';

export type { GeneratorOptions } from './options';
export { readFrames } from './read-frames';
export type { SizeMix } from './sizes';
export type { Variation, Vary } from './vary';

/** Waits from this length on, in ms, are left to timers; those are exact to one ms or so, the rest is spent looking. */
const PATIENCE = { spin: 2, sleep: 50 } as const;
/** A generator that is later than this, in ms, gives up on what it could not send in time. */
const MOST_LATE = 1000;
/** How long it waits at the end of its time for a reader that takes nothing, in ms. */
const DRAIN_PATIENCE = 1000;

/** What a generator, or another sender, has done. */
export interface SenderStats extends Traffic {
  /** Packets handed over that the device still has: those in a pipe that nobody has read, for example. */
  pending: number;
}

/** What a generator has done. */
export interface GeneratorStats extends SenderStats {
  /** Batches handed over, a sync each. */
  batches: number;
  /** Bits per second on the wire: frames with CRC, preamble and gap. */
  wireBps: number;
  /** Seconds by which its plan was shifted because it could not keep up with its rate. */
  givenUp: number;
}

/**
 * Makes packets and sends them, at full speed or when a plan says so.
 *
 * ```ts
 * const generator = new Generator(port, {
 *   frame: { dstMac: '02:00:00:00:00:09', length: 60 },
 *   vary: { srcIp: '10.0.0.1-10.0.255.254', srcPort: 'random:1024-65535' },
 *   rate: '1Mpps',
 *   duration: 10,
 * });
 * await generator.start();
 * console.log(generator.stats(), generator.details().histograms?.gapError);
 * ```
 *
 * Packets are made natively, from copies of a frame in which only what varies is written. A hook in TypeScript may change each
 * one, or each batch, before it goes.
 */
export class Generator extends PortApp<GeneratorStats> {
  private readonly rings: readonly Ring[];
  private readonly packets: Packets;
  private readonly sender: NativeSender;
  private readonly options: GeneratorOptions;
  private readonly numbers: Float64Array;
  private readonly timed: boolean;

  /** @throws TypeError, RangeError for options that make no packets; NetmapError when the port cannot send them */
  constructor(port: Port, options: GeneratorOptions = {}) {
    super(port);
    checkOptions(options);
    this.options = options;
    this.rings = chooseRings(port, options.rings);
    this.packets = makePackets(options);
    this.checkLength();
    this.timed = options.rate !== undefined;
    this.numbers = new Float64Array(SENDER.heads + this.rings.length);
    this.sender = new (native().NativeSender)(nativePort(port), {
      ...this.packets.native,
      ...nativeRings(this.rings),
      ...this.schedule(),
      // Of a pipe, buffers are handed over to whoever reads at the other end, and come back as that leaves them.
      keeps: options.hook === undefined && options.batchHook === undefined && !/[{}]/.test(port.name),
      count: options.count ?? Infinity,
      batch: options.batch ?? 512,
      sleep: options.wait === 'sleep',
      patience: PATIENCE[options.wait ?? 'spin'],
      forgive: MOST_LATE,
    });
    this.read();
  }

  /** Whether all packets carry numbers, so that a sink can check them; short ones have no room. */
  get numbered(): boolean {
    return this.packets.numbered;
  }

  /** Whether all packets carry times. */
  get timestamped(): boolean {
    return this.packets.timed;
  }

  stats(): GeneratorStats {
    const numbers = this.read();
    const { packets, bytes, first, last, givenUp, slotsNeeded } = SENDER;
    const seconds = (numbers[last] - numbers[first]) / 1e9;
    const waiting = this.port.closed ? 0 : this.rings.reduce((sum, ring) => sum + ring.pending, 0);
    return {
      packets: numbers[packets],
      bytes: numbers[bytes],
      seconds,
      pps: seconds > 0 ? numbers[packets] / seconds : 0,
      pending: Math.floor(waiting / numbers[slotsNeeded]),
      batches: numbers[SENDER.batches],
      wireBps: seconds > 0 ? (8 * (numbers[bytes] + FRAMING * numbers[packets])) / seconds : 0,
      givenUp: numbers[givenUp] / 1e9,
    };
  }

  /**
   * With a rate: `late` (from when a packet was due until it was handed over), `gap` (between packets) and `gapError` (how far
   * that was from the plan), all as measured here. Where it waits by looking at the clock also `away`, for how long the system or the
   * host of a virtual machine took the processor away meanwhile (more than 5 us between two looks), each time; and `lateRunning`, `late`
   * counted from when the processor was back. Of a Poisson process `plannedGap`: whole ns between bursts, as planned.
   */
  override details(): Details {
    if (!this.timed) return {};
    const { wait, pattern } = this.options;
    const of = (name: Parameters<NativeSender['histogram']>[0]) => histogramData(this.sender.histogram(name));
    const histograms: Details['histograms'] = { late: of('late'), gap: of('gap'), gapError: of('gapError') };
    if (wait !== 'sleep') Object.assign(histograms, { lateRunning: of('lateRunning'), away: of('away') });
    if (pattern === 'poisson') histograms.plannedGap = of('plannedGap');
    return { histograms };
  }

  protected async run(): Promise<void> {
    const { port, rings, options } = this;
    const { duration = Infinity, count = Infinity } = options;
    const limit = new TimeLimit(duration, this.signal);
    try {
      this.sender.begin(1000 * duration);
      for (let pause = this.send(); pause !== PAUSE.done && !limit.signal.aborted; pause = this.send()) {
        if (pause === PAUSE.room) await this.waitForRoom(limit.signal);
        else if (pause === PAUSE.rate) await sleep(this.sleepTime(), limit.signal);
        else await turn();
      }
      // All of a given number are to arrive, whenever the reader comes; at the end of its time it does not wait for long.
      const patience = this.read()[SENDER.packets] >= count ? Infinity : DRAIN_PATIENCE;
      for (const ring of rings) await drain(port, ring, this.signal, patience);
    } finally {
      limit.clear();
    }
  }

  /** Sends for a turn of the event loop, or until there is a reason not to. */
  private send(): number {
    const { port, sender, options } = this;
    const hooked = options.hook !== undefined || options.batchHook !== undefined;
    const result = hooked ? this.sendShown() : sender.run(TURN_MS);
    resumeRings(this.rings, this.read(), SENDER.heads);
    return checkErrno(result, port);
  }

  /** Batch by batch, each of them shown to the hooks. */
  private sendShown(): number {
    const { sender, rings, options, numbers } = this;
    const until = performance.now() + TURN_MS;
    for (;;) {
      const left = until - performance.now();
      if (left <= 0) return PAUSE.turn;
      const prepared = sender.prepare(left);
      if (prepared < PREPARED) return prepared;
      sender.stats(numbers);
      const ring = rings[numbers[SENDER.ring]];
      showBatch(
        ring,
        numbers[SENDER.firstSlot],
        numbers[SENDER.slots],
        prepared - PREPARED,
        options.hook,
        options.batchHook,
      );
      const error = sender.commit();
      if (error < 0) return error;
    }
  }

  private async waitForRoom(signal: AbortSignal): Promise<void> {
    const needed = this.numbers[SENDER.slotsNeeded];
    // Any ring will do; the first one that is asked for is the fullest as likely as any other.
    const ring = this.rings.find(({ available }) => available > 0) ?? this.rings[0];
    await waitForRoom(this.port, ring, needed, signal);
  }

  /** Until shortly before the next packet is due, in ms. */
  private sleepTime(): number {
    return Math.max(0, this.read()[SENDER.wait] / 1e6 - 1);
  }

  private read(): Float64Array {
    if (!this.sender.stats(this.numbers)) throw wrongValue('options', 'make no packets', this.options);
    return this.numbers;
  }

  private schedule() {
    const { rate, line = LINE, pattern = 'constant', burst = 1, seed = 1 } = this.options;
    const gaps = rate === undefined ? new Float64Array(0) : gapsOf(parseRate(rate, line), this.packets.lengths);
    return {
      pattern: rate === undefined ? PATTERN.flatOut : PATTERN[pattern],
      gaps,
      burst,
      scheduleSeed: BigInt(seed),
    };
  }

  private checkLength(): void {
    const { port, packets, rings } = this;
    const longest = Math.min(...rings.map(longestFrame));
    if (packets.longest <= longest) return;
    const hint = `choose a length of at most ${longest}`;
    throw new NetmapError(`port '${port.name}' cannot send frames of ${packets.longest} bytes; ${hint}`, {
      code: 'EMSGSIZE',
      port: port.name,
      hint,
    });
  }
}

function chooseRings(port: Port, rings: GeneratorOptions['rings']): readonly Ring[] {
  const first = txRing(port);
  if (rings === undefined) return [first];
  const own = port.txRings.filter(({ kind, numSlots }) => kind === first.kind && numSlots > 1);
  if (rings === 'all') return own;
  if (!Array.isArray(rings) || rings.length === 0)
    throw wrongValue('rings', "must be 'all' or indices of rings", rings);
  return rings.map((index: number) => {
    const ring = port.txRings[index];
    if (ring === undefined) throw outOfRange('rings', `indices from 0 to ${port.txRings.length - 1}`, index);
    return ring;
  });
}
