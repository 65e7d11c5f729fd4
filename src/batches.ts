import { NS, POLL } from './constants';
import { busyError, closedError, NetmapError } from './errors';
import type { Port } from './port';
import type { Ring } from './ring';

export interface BatchOptions {
  /** Ends the iteration by rejecting with the signal's reason. */
  signal?: AbortSignal;
  /** Most slots in a batch, default 512. A frame over several slots is never divided, even if it exceeds this. */
  max?: number;
}

/**
 * Received slots of one ring: `count` slots from `first`. They belong to the loop's body until it asks for the next
 * batch; then they go back to the device.
 *
 * ```ts
 * for await (const { ring, first, count } of port.batches()) {
 *   for (let k = 0, i = first; k < count; k++, i = ring.next(i)) bytes += ring.length(i);
 * }
 * ```
 */
export class Batch {
  readonly ring: Ring;
  /** First slot. */
  readonly first: number;
  /** Slots of the batch. */
  readonly count: number;

  /** @internal */
  constructor(ring: Ring, first: number, count: number) {
    this.ring = ring;
    this.first = first;
    this.count = count;
  }

  /** Indices of the slots. A convenience: several times slower than counting with `ring.next`. */
  *slots(): IterableIterator<number> {
    for (let k = 0, i = this.first; k < this.count; k++, i = this.ring.next(i)) yield i;
  }

  /** Views of the slots' bytes, valid until the next batch. A convenience: allocates a view per slot. */
  *payloads(): IterableIterator<Uint8Array> {
    for (const i of this.slots()) yield this.ring.payload(i);
  }

  [Symbol.iterator](): IterableIterator<number> {
    return this.slots();
  }
}

/** How long batches follow one another before timers and I/O get a turn. */
const TURN_MS = 5;
const DEFAULT_MAX = 512;

/** What the iteration needs of its port. */
export interface BatchSource {
  readonly port: Port;
  /** One iteration at a time. */
  iterating: boolean;
  trySync(direction: number): NetmapError | undefined;
}

/** Iterates over received batches, ring after ring. */
export class BatchIterator implements AsyncIterableIterator<Batch> {
  private readonly source: BatchSource;
  private readonly signal: AbortSignal | undefined;
  private readonly max: number;
  /** Ends a wait: aborted by the caller's signal with its reason, and by return(). */
  private readonly stop = new AbortController();
  private readonly onAbort = () => this.stop.abort(this.signal?.reason);
  private state: 'new' | 'running' | 'done' = 'new';
  private current: Batch | undefined;
  private ringIndex = 0;
  private turnStart = 0;
  private asking = false;

  constructor(source: BatchSource, { signal, max = DEFAULT_MAX }: BatchOptions) {
    this.source = source;
    this.signal = signal;
    this.max = max;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Batch>> {
    const { port } = this.source;
    if (this.state === 'done') return { done: true, value: undefined };
    if (this.asking) throw busyError(`a batch of port '${port.name}' has been asked for already`, port.name);
    if (this.state === 'new') {
      if (port.closed) throw closedError(port.name);
      if (this.source.iterating)
        throw busyError(`the batches of port '${port.name}' are iterated over already`, port.name);
      this.source.iterating = true;
      this.state = 'running';
      this.signal?.addEventListener('abort', this.onAbort);
      this.turnStart = performance.now();
    }
    this.asking = true;
    try {
      this.release();
      const batch = await this.find();
      if (batch) return { done: false, value: batch };
      this.finish();
      return { done: true, value: undefined };
    } catch (error) {
      this.finish();
      throw error;
    } finally {
      this.asking = false;
    }
  }

  async return(): Promise<IteratorResult<Batch>> {
    this.finish();
    return { done: true, value: undefined };
  }

  async throw(error?: unknown): Promise<IteratorResult<Batch>> {
    this.finish();
    throw error;
  }

  /** The next batch; undefined when there will be no more: the iteration was ended, or the port that a monitor watches. */
  private async find(): Promise<Batch | undefined> {
    for (;;) {
      if (this.state === 'done') return undefined;
      if (this.signal?.aborted) throw this.signal.reason;
      if (this.source.port.closed) throw closedError(this.source.port.name);
      if (performance.now() - this.turnStart > TURN_MS) {
        await new Promise(setImmediate);
        this.turnStart = performance.now();
        continue;
      }
      try {
        const batch = this.take() ?? this.syncAndTake();
        if (batch) return batch;
        await this.wait();
      } catch (error) {
        if (!(error instanceof NetmapError && error.code === 'ERR_NETMAP_ENDED')) throw error;
        return undefined;
      }
      this.turnStart = performance.now();
    }
  }

  private syncAndTake(): Batch | undefined {
    const error = this.source.trySync(POLL.IN);
    if (error) throw error;
    return this.take();
  }

  /** From the ring after the last one that gave something, so that a busy ring does not hide the others. */
  private take(): Batch | undefined {
    const rings = this.source.port.rxRings;
    for (let k = 0; k < rings.length; k++) {
      this.ringIndex = this.ringIndex + 1 >= rings.length ? 0 : this.ringIndex + 1;
      const ring = rings[this.ringIndex];
      const available = ring.available;
      if (available > 0) return (this.current = new Batch(ring, ring.head, this.whole(ring, available)));
    }
    return undefined;
  }

  /** Slots of the batch: no more than `max`, extended to the end of a frame. */
  private whole(ring: Ring, available: number): number {
    if (available <= this.max) return available;
    let count = this.max;
    let last = ring.head + count - 1;
    if (last >= ring.numSlots) last -= ring.numSlots;
    for (; count < available && (ring.flags(last) & NS.MOREFRAG) !== 0; last = ring.next(last)) count++;
    return count;
  }

  private async wait(): Promise<void> {
    try {
      await this.source.port.readable({ signal: this.stop.signal });
    } catch (error) {
      if (this.state !== 'done') throw error;
    }
  }

  private release(): void {
    const batch = this.current;
    this.current = undefined;
    if (!batch || this.source.port.closed) return;
    // The body may have advanced the ring itself, for example by forwarding: then there is less left to give back.
    const done = batch.ring.from(batch.first) === 0 ? 0 : batch.ring.numSlots - batch.ring.from(batch.first);
    if (done < batch.count) batch.ring.advance(batch.count - done);
  }

  private finish(): void {
    if (this.state === 'running') {
      this.release();
      this.source.iterating = false;
      this.signal?.removeEventListener('abort', this.onAbort);
      this.stop.abort();
    }
    this.state = 'done';
  }
}
