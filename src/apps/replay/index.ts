import { wrongType, wrongValue } from '../../check';
import { native } from '../../native';
import { PREPARED, REPLAY, REPLAY_PAUSE, TIMING, type NativeReplay } from '../../native-traffic';
import { Port } from '../../port';
import type { Ring } from '../../ring';
import type { Details } from '../details';
import { sleep, turn, TURN_MS } from '../event-loop';
import { parseRate } from '../generator/rate';
import { PortApp } from '../port-app';
import { drain, waitForRoom } from '../room';
import { TimeLimit } from '../time-limit';
import { checkErrno, nativePort, nativeRings, resumeRings } from '../traffic/bound';
import { histogramData } from '../traffic/histogram';
import { showBatch } from '../traffic/show-batch';
import { longestFrame, txRing } from '../tx-ring';
import { openCapture } from './open-capture';
import { checkOptions, regularFile, type ReplayOptions, type ReplayStats } from './options';
import { RECORD, type PackOptions, type Piece } from './packer';
import { Reading } from './reading';
import { rewriteRules } from './rewriter';
import { Signpost } from './signpost';

export type { AddressMap } from './address-map';
export type { ReplayOptions, ReplayStats } from './options';
export type { Rewrite } from './rewriter';

/** Line that percents of a rate are of, unless told otherwise: 10 Gbit/s. */
const LINE = 1e10;
/** Waits from this length on, in ms, are left to timers; those are exact to one ms or so, the rest is spent looking. */
const PATIENCE = { spin: 2, sleep: 50 } as const;
/** A replay that is later than this, in ms, shifts what is still to come: it must not come all at once. */
const MOST_LATE = 1000;
/** How long it waits at the end of its time for a reader that takes nothing, in ms. */
const DRAIN_PATIENCE = 1000;

/**
 * Sends the packets of a capture file by the first tx ring of a port: with their own timing, faster or slower, at a constant rate, or
 * as fast as possible.
 *
 * ```ts
 * using port = open('vale0:a');
 * await using replay = new Replay(port, { file: 'trace.pcapng.gz', speed: 2, loop: 3, rewrite: { dstMac: '02:00:00:00:00:09' } });
 * await replay.start();
 * console.log(replay.stats(), replay.details().histograms?.late);
 * ```
 */
export class Replay extends PortApp<ReplayStats> {
  private readonly options: ReplayOptions;
  private readonly file: string;
  private readonly ring: Ring;
  private readonly packing: PackOptions;
  private readonly preload: boolean;
  private readonly loop: number;
  private readonly signpost: Signpost | undefined;
  private readonly sender: NativeReplay;
  private readonly numbers = new Float64Array(REPLAY.heads + 1);
  private reading: Reading | undefined;
  private piece: Piece | undefined;
  /** How much of the file comes before the piece. */
  private before = 0;
  /** Of a pass, in ns as captured; 0 as long as none has ended. */
  private span = 0;
  private skipped = 0;
  private refused = 0;
  private cut = 0;
  private loops = 0;
  private over = false;

  /**
   * @throws TypeError, RangeError for options that make no sense
   * @throws NetmapError when the file cannot be read, is no capture, or not one of Ethernet; of a pipe, that shows at the start
   */
  constructor(port: Port, options: ReplayOptions) {
    if (!(port instanceof Port)) throw wrongType('port', 'a Port', port);
    checkOptions(options);
    super(port);
    const { file, loop = 1, to, batch = 512, count = Infinity, wait = 'spin' } = options;
    this.options = options;
    this.file = file === '-' ? '/dev/stdin' : file;
    this.ring = txRing(port);
    this.loop = loop === 0 ? Infinity : loop;
    this.signpost = to && new Signpost(to);
    this.packing = {
      file: this.file,
      longest: longestFrame(this.ring),
      maxGap: (options.maxGap ?? Infinity) * 1e9,
      filter: options.filter,
      xmit: port.name,
      rewrite: rewriteRules(options.rewrite),
      point: to !== undefined,
    };
    const regular = regularFile(this.file);
    if (regular) openCapture(this.file).close();
    this.preload = options.preload ?? (regular ? regular.small : loop !== 1);
    if (!regular && loop !== 1 && !this.preload) {
      throw wrongValue('options.preload', 'must be true for a pipe that is to be sent several times', options.preload);
    }
    this.sender = new (native().NativeReplay)(nativePort(port), {
      ...nativeRings([this.ring]),
      ...this.timing(),
      count,
      batch,
      sleep: wait === 'sleep',
      patience: PATIENCE[wait],
      forgive: MOST_LATE,
    });
    this.read();
  }

  stats(): ReplayStats {
    const { ring, skipped, refused, cut, loops, options } = this;
    const numbers = this.read();
    const seconds = (numbers[REPLAY.last] - numbers[REPLAY.first]) / 1e9;
    const packets = numbers[REPLAY.packets];
    const progress = this.progress();
    return {
      packets,
      bytes: numbers[REPLAY.bytes],
      seconds,
      pps: seconds > 0 ? packets / seconds : 0,
      // Frames over several slots are the exception, so slots tell the number of packets well enough.
      pending: this.port.closed ? 0 : ring.pending,
      file: options.file,
      skipped,
      refused,
      cut,
      loops,
      givenUp: numbers[REPLAY.givenUp] / 1e9,
      progress,
      secondsLeft: this.secondsLeft(progress, seconds),
    };
  }

  /**
   * Unless it goes as fast as possible: `late`, from when a packet was due until it was handed over, as measured here. Where it waits
   * by looking at the clock also `away`, for how long the system or the host of a virtual machine took the processor away meanwhile (more
   * than 5 us between two looks), each time; and `lateRunning`, `late` counted from when the processor was back.
   */
  override details(): Details {
    if (this.options.speed === Infinity) return {};
    const of = (name: 'late' | 'lateRunning' | 'away') => histogramData(this.sender.histogram(name));
    if (this.options.wait === 'sleep') return { histograms: { late: of('late') } };
    return { histograms: { late: of('late'), lateRunning: of('lateRunning'), away: of('away') } };
  }

  protected async run(): Promise<void> {
    const { port, ring, signal, options, packing } = this;
    const reading = (this.reading = new Reading(packing, this.preload));
    let limit: TimeLimit | undefined;
    let patience = Infinity;
    try {
      if (this.preload) await reading.load(signal);
      else await reading.arrival(signal);
      limit = new TimeLimit(options.duration ?? Infinity, signal);
      this.sender.begin();
      for (let pause = this.send(); !this.over && !limit.signal.aborted; pause = this.send()) {
        if (pause === REPLAY_PAUSE.room) {
          await waitForRoom(port, ring, this.read()[REPLAY.slotsNeeded], limit.signal);
        } else if (pause === REPLAY_PAUSE.rate) {
          await sleep(Math.max(0, this.read()[REPLAY.wait] / 1e6 - 1), limit.signal);
        } else if (pause === REPLAY_PAUSE.end) {
          await reading.arrival(limit.signal);
        } else {
          await turn();
        }
      }
      if (limit.signal.aborted) patience = DRAIN_PATIENCE;
    } finally {
      limit?.clear();
      await reading.close();
      // Damage ends the file, not what was sent before it.
      await drain(port, ring, signal, patience);
    }
  }

  /** Sends for a turn of the event loop, or until there is a reason not to. */
  private send(): number {
    const until = performance.now() + TURN_MS;
    for (;;) {
      const left = until - performance.now();
      if (left <= 0) return REPLAY_PAUSE.turn;
      const pause = this.shown ? this.sendShown(left) : this.sender.run(left);
      resumeRings([this.ring], this.read(), REPLAY.heads);
      checkErrno(pause, this.port);
      if (pause === REPLAY_PAUSE.done) this.over = true;
      else if (pause === REPLAY_PAUSE.point) this.point();
      else if (pause !== REPLAY_PAUSE.end || !this.goOn()) return pause;
      if (this.over) return pause;
    }
  }

  private get shown(): boolean {
    return this.options.hook !== undefined || this.options.batchHook !== undefined;
  }

  /** Batch by batch, each of them shown to the hooks. */
  private sendShown(ms: number): number {
    const { sender, ring, options, numbers } = this;
    const until = performance.now() + ms;
    for (;;) {
      const left = until - performance.now();
      if (left <= 0) return REPLAY_PAUSE.turn;
      const prepared = sender.prepare(left);
      if (prepared < PREPARED) return prepared;
      sender.stats(numbers);
      const { hook, batchHook } = options;
      showBatch(ring, numbers[REPLAY.firstSlot], numbers[REPLAY.slots], prepared - PREPARED, hook, batchHook);
      const error = sender.commit();
      if (error < 0) return error;
    }
  }

  /** Goes on with the next piece, or the next pass. False when there is none now. */
  private goOn(): boolean {
    const { piece, reading } = this;
    const next = reading!.next();
    if (next === undefined) return false;
    if (piece) {
      this.before = piece.progress ?? 0;
      this.piece = undefined;
      reading!.release(piece);
    }
    if (next.type === 'end') {
      this.before = 0;
      this.span = next.span;
      this.loops++;
      // A file with nothing to send would go round for ever.
      this.over = this.loops >= this.loop || next.packets === 0;
      this.sender.nextPass(next.span);
      return true;
    }
    this.piece = next;
    this.skipped += next.skipped;
    this.refused += next.refused;
    this.cut += next.cut;
    this.sender.load(new Uint8Array(next.buffer, 0, next.used));
    return true;
  }

  /** Tells the switch where the next packet goes. */
  private point(): void {
    const at = this.read()[REPLAY.position] + RECORD;
    this.signpost!.point(new Uint8Array(this.piece!.buffer), at);
    this.sender.pointed();
  }

  private read(): Float64Array {
    if (!this.sender.stats(this.numbers)) throw wrongValue('options', 'make no replay', this.options);
    return this.numbers;
  }

  private timing() {
    const { speed = 1, rate, line = LINE } = this.options;
    if (rate !== undefined) {
      const { unit, value } = parseRate(rate, line);
      return { timing: unit === 'pps' ? TIMING.packets : TIMING.bits, speed: 1, gap: 1e9 / value };
    }
    if (speed === Infinity) return { timing: TIMING.flatOut, speed: 1, gap: 0 };
    return { timing: TIMING.captured, speed, gap: 0 };
  }

  private progress(): number | null {
    const { piece, before, loops, loop, numbers } = this;
    const { count = Infinity } = this.options;
    const counted = numbers[REPLAY.packets] / count;
    if (this.over) return 1;
    if (loop === Infinity || (piece && piece.progress === undefined)) return count === Infinity ? null : counted;
    const within = piece && piece.used > 0 ? numbers[REPLAY.position] / piece.used : 1;
    const inFile = piece ? before + (piece.progress! - before) * within : before;
    return Math.max(counted, Math.min(1, (loops + inFile) / loop));
  }

  /** From the times in the capture where those are what counts and are known; otherwise from how long it took so far. */
  private secondsLeft(progress: number | null, seconds: number): number | null {
    const { span, loop, loops, numbers, options } = this;
    const { speed = 1, rate, duration = Infinity } = options;
    const limit = duration - seconds;
    if (this.over) return 0;
    let left = Infinity;
    if (progress !== null && progress > 0) left = (seconds * (1 - progress)) / progress;
    if (span > 0 && rate === undefined && speed !== Infinity && loop !== Infinity) {
      left = ((loop - loops) * span - numbers[REPLAY.lastDue]) / 1e9 / speed;
    }
    left = Math.max(0, Math.min(left, limit));
    return left === Infinity ? null : left;
  }
}
