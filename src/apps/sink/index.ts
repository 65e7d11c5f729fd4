import { wrongValue } from '../../check';
import { native } from '../../native';
import { BATCH, MATCH, RECEIVER, type NativeReceiver } from '../../native-traffic';
import type { Port } from '../../port';
import { rulesetNative, type Ruleset } from '../../ruleset';
import type { Details } from '../details';
import { Drops } from '../drops';
import { parseFilter } from '../filter';
import { turn, TURN_MS } from '../event-loop';
import { PortApp } from '../port-app';
import { checkReceives, type ReceiverStats } from '../receiver';
import { TimeLimit } from '../time-limit';
import { checkErrno, nativePort, nativeRings, resumeRings } from '../traffic/bound';
import { histogramData } from '../traffic/histogram';
import { showMatches } from '../traffic/show-matches';
import { Spin } from '../traffic/spin';
import { parseMatch } from './match';
import { checkOptions, flowLimit, type SinkOptions } from './options';
import { flowShares, protocolShares } from './shares';

export { MATCH_NAMES, type Match } from './match';
export type { SinkOptions } from './options';

/** What became of the packets of generators. */
export interface Audit {
  /** Numbers missing between the lowest and the highest that arrived, over all streams. */
  lost: number;
  /** Packets that arrived after one with a higher number. */
  reordered: number;
  /** Packets whose number had arrived before. */
  duplicated: number;
  /** Packets with a wrong checksum, or that are cut or contradict themselves. */
  corrupt: number;
  /** Packets that carry no number of a generator. */
  unnumbered: number;
  /** Generators told apart. */
  streams: number;
}

/** What a sink has received; the rest only where it was asked for. */
export interface SinkStats extends ReceiverStats, Partial<Audit> {
  /** Batches in which they came. */
  batches: number;
  /** Packets that do not match, or that the filter denies. */
  unmatched?: number;
  /** Flows told apart. */
  flows?: number;
  /** Packets whose time lies ahead of ours, as their sender has another clock: their latency is not known. */
  skewed?: number;
}

/** Flows that `details()` names. */
const TOP_FLOWS = 100;

/**
 * Receives packets by all rx rings of a port, counts them and throws them away; looks at what is in them as far as it is asked to.
 *
 * ```ts
 * const sink = new Sink(port, { check: true, latency: true, match: { protocol: 'udp', dstPort: 9 } });
 * await sink.start();
 * console.log(sink.stats(), sink.details().histograms?.latency.percentiles);
 * ```
 *
 * Everything is done natively, batch by batch; a hook in TypeScript may see each packet. All packets of a batch count as received at
 * the time at which the batch was found. On a monitor it ends with the port that is watched.
 */
export class Sink extends PortApp<SinkStats> {
  private readonly options: SinkOptions;
  private readonly receiver: NativeReceiver;
  private readonly filter: Ruleset | undefined;
  private readonly drops: Drops;
  private readonly numbers: Float64Array;
  private readonly batch: Int32Array;
  private readonly spin: Spin;

  constructor(port: Port, options: SinkOptions = {}) {
    super(port);
    checkOptions(options);
    checkReceives(port);
    this.options = options;
    this.filter = parseFilter('filter', options.filter);
    this.drops = new Drops(port);
    this.spin = new Spin(port);
    this.numbers = new Float64Array(RECEIVER.heads + port.rxRings.length);
    const slots = options.hook ? Math.max(...port.rxRings.map(({ numSlots }) => numSlots)) : 0;
    this.batch = new Int32Array(BATCH.first + MATCH.size * slots);
    this.receiver = new (native().NativeReceiver)(nativePort(port), {
      ...nativeRings(port.rxRings),
      count: options.count ?? Infinity,
      check: options.check ?? false,
      latency: options.latency ?? false,
      gaps: options.gaps ?? false,
      protocols: options.protocols ?? false,
      flows: flowLimit(options.flows),
      match: parseMatch(options.match ?? {}),
      filter: this.filter && rulesetNative.get(this.filter),
      filterPort: this.filter?.numberOf(port.name) ?? 0,
      notePicks: options.hook !== undefined,
    });
    this.read();
  }

  stats(): SinkStats {
    const { options } = this;
    const numbers = this.read();
    const at = (name: keyof typeof RECEIVER) => numbers[RECEIVER[name]];
    const seconds = (at('last') - at('first')) / 1e9;
    const stats: SinkStats = {
      packets: at('packets'),
      bytes: at('bytes'),
      seconds,
      pps: seconds > 0 ? at('packets') / seconds : 0,
      dropped: this.drops.count(),
      batches: at('batches'),
    };
    if (options.match || options.filter !== undefined) stats.unmatched = at('unmatched');
    if (options.check) {
      for (const name of ['lost', 'reordered', 'duplicated', 'corrupt', 'streams'] as const) stats[name] = at(name);
      stats.unnumbered = at('unnumbered') + at('untracked');
    }
    if (options.latency) stats.skewed = at('skewed');
    if (options.flows) stats.flows = at('flows');
    return stats;
  }

  /** Histograms `latency` and `gap`, shares `flows`, `protocols` and `sizes`, as far as they were asked for. */
  override details(): Details {
    const { receiver, options } = this;
    const histograms: Details['histograms'] = {};
    for (const name of ['latency', 'gap'] as const) {
      const histogram = receiver.histogram(name);
      if (histogram) histograms[name] = histogramData(histogram);
    }
    const shares: Details['shares'] = { ...protocolShares(receiver) };
    if (options.flows) shares.flows = flowShares(receiver, TOP_FLOWS);
    return { histograms, shares };
  }

  /** Least free slots that a ring had when there were packets in it, since this was asked last; -1: there were none. */
  protected takeLeastRoom(): number {
    return this.receiver.takeLeastRoom();
  }

  protected async run(): Promise<void> {
    const { duration = Infinity, timeout = Infinity, count = Infinity } = this.options;
    const limit = new TimeLimit(duration, this.signal);
    try {
      let idleSince = performance.now();
      while (!limit.signal.aborted) {
        if (this.work(TURN_MS)) idleSince = performance.now();
        if (this.numbers[RECEIVER.packets] >= count) break;
        await turn();
        if (performance.now() - idleSince < this.spin.ms) continue;
        const patience = 1000 * timeout - (performance.now() - idleSince);
        if (patience <= 0) break;
        if (!(await this.spin.wait(limit.signal, patience))) break;
      }
      // What arrived until now was sent before the end: no more than the rings hold.
      const most = this.numbers[RECEIVER.packets] + this.port.rxRings.reduce((sum, { numSlots }) => sum + numSlots, 0);
      while (this.numbers[RECEIVER.packets] < most && this.work(0));
      // What was taken goes back: whoever is at the other end of a pipe waits for it.
      if (!this.port.closed) this.port.rxSync();
    } finally {
      limit.clear();
    }
  }

  /** Takes what comes, for so many ms at most. Whether anything came. */
  private work(ms: number): boolean {
    const { receiver, port, options, numbers } = this;
    const before = numbers[RECEIVER.packets];
    const shown = options.hook !== undefined || options.batchHook !== undefined;
    const result = shown ? this.workShown(ms) : receiver.run(ms, this.spin.ms);
    this.read();
    this.filter?.emitLog();
    resumeRings(port.rxRings, numbers, RECEIVER.heads);
    checkErrno(result, port);
    return numbers[RECEIVER.packets] !== before;
  }

  /** Batch by batch, each of them shown to the hooks. */
  private workShown(ms: number): number {
    const { receiver, port, batch } = this;
    const { hook, batchHook } = this.options;
    receiver.begin(ms, this.spin.ms);
    for (;;) {
      const frames = receiver.look(batch);
      if (frames <= 0) return frames;
      const ring = port.rxRings[batch[BATCH.ring]];
      if (hook) showMatches(ring, batch, hook);
      batchHook?.(ring, batch[BATCH.firstSlot], batch[BATCH.slots], frames);
    }
  }

  private read(): Float64Array {
    if (!this.receiver.stats(this.numbers)) throw wrongValue('options', 'make no sink', this.options);
    return this.numbers;
  }
}
