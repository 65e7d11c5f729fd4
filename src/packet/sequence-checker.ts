import type { FrameReader } from './frame-reader';
import { checkInteger } from '../check';
import { checkWindow, DEFAULT_WINDOW, SequenceTracker, type SequenceCounts } from './sequence';

/** Sums over all streams of a {@link SequenceChecker}. */
export interface SequenceTotals extends SequenceCounts {
  /** Streams seen. */
  streams: number;
  /** Packets of streams beyond the limit: they carry numbers, but nobody followed them. */
  untracked: number;
}

/** What {@link SequenceChecker} takes. */
export interface SequenceCheckerOptions {
  /** How many numbers back a late packet is recognised, per stream: a power of two, 65536 by default (8 KiB). */
  window?: number;
  /** How many streams are followed at most, 1024 by default: damaged packets must not fill the memory. */
  maxStreams?: number;
}

/**
 * Follows the sequence numbers of all generators whose packets arrive, told apart by the stream id in the payload.
 *
 * ```ts
 * const frames = new FrameReader(port.u8);
 * const checker = new SequenceChecker();
 * if (!checker.addFrame(frames, ring.offset(i), ring.length(i))) foreign++;
 * console.log(checker.totals());
 * ```
 *
 * Feed it with frames whose checksums hold: a number from a damaged frame tells nothing.
 */
export class SequenceChecker {
  /** The stream that came last: packets of one generator tend to follow each other. */
  private lastStream = 0;
  private last: SequenceTracker | undefined;
  private readonly trackers = new Map<number, SequenceTracker>();
  private readonly window: number;
  private readonly maxStreams: number;
  private readonly untracked = new Float64Array(1);

  constructor(options: SequenceCheckerOptions = {}) {
    const { window = DEFAULT_WINDOW, maxStreams = 1024 } = options;
    checkInteger('maxStreams', maxStreams, 1, 1 << 20);
    checkWindow(window);
    this.window = window;
    this.maxStreams = maxStreams;
  }

  /**
   * Takes a frame in.
   *
   * @returns False for a frame that carries no sequence number; it isn't counted
   */
  addFrame(frames: FrameReader, offset: number, length: number): boolean {
    if (!frames.isSequenced(offset, length)) return false;
    this.add(frames.stream(offset), frames.sequence(offset));
    return true;
  }

  /** Takes a packet of a stream in; the lowest 32 bits of both numbers count. */
  add(stream: number, sequence: number): void {
    const id = stream | 0;
    const tracker = id === this.lastStream && this.last !== undefined ? this.last : this.follow(id);
    if (tracker === undefined) this.untracked[0]++;
    else tracker.add(sequence);
  }

  /** The streams by id (signed 32-bit integers). */
  get streams(): ReadonlyMap<number, SequenceTracker> {
    return this.trackers;
  }

  /** Sums over all streams. */
  totals(): SequenceTotals {
    const totals: SequenceTotals = {
      streams: this.trackers.size,
      received: 0,
      lost: 0,
      reordered: 0,
      duplicated: 0,
      restarts: 0,
      untracked: this.untracked[0],
    };
    for (const tracker of this.trackers.values()) {
      totals.received += tracker.received;
      totals.lost += tracker.lost;
      totals.reordered += tracker.reordered;
      totals.duplicated += tracker.duplicated;
      totals.restarts += tracker.restarts;
    }
    return totals;
  }

  /** Finds or makes the tracker of another stream than the last one; undefined when there are too many. */
  private follow(stream: number): SequenceTracker | undefined {
    let tracker = this.trackers.get(stream);
    if (tracker === undefined) {
      if (this.trackers.size >= this.maxStreams) return undefined;
      tracker = new SequenceTracker(this.window);
      this.trackers.set(stream, tracker);
    }
    this.lastStream = stream;
    this.last = tracker;
    return tracker;
  }
}
