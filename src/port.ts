import { BatchIterator, type Batch, type BatchOptions, type BatchSource } from './batches';
import { Buffers } from './buffers';
import { checkBytes, checkInteger, checkObject, checkSignal, checkTimeout, outOfRange, wrongType } from './check';
import { POLL } from './constants';
import { readCounters, type Counters } from './counters';
import { errno } from './errno';
import { closedError, endedError, NetmapError } from './errors';
import { ExtraBuffers } from './extra-buffers';
import { IndirectMemory } from './indirect';
import { extraListOffset, findRings } from './memory';
import type { DeviceKind, NativePort } from './native';
import { Ring } from './ring';
import { systemError } from './system-error';
import { Waits, type WaitOptions } from './waits';

/** What {@link open} hands over. */
export interface OpenedPort {
  name: string;
  device: DeviceKind;
  native: NativePort;
  region: ArrayBuffer;
  memId: number;
  /** Byte offset of the port's `netmap_if` in the region. */
  ifOffset: number;
  /** Largest payload offset, where the port was opened with offsets. */
  maxOffset?: number;
  /** Whether it watches another port. */
  monitor: boolean;
}

/** @internal */
export const KEY = Symbol('open() makes ports');

/** Longest native wait of {@link Port.poll}, in ms: a worker in one can be terminated only when it is over. */
const POLL_SLICE = 50;

/** Tells ports which device syncs what: used by functions of this package that are not methods. @internal */
export const nativeOf = new WeakMap<Port, NativePort>();

/**
 * An open netmap port, made by {@link open}: rings in memory that is shared with the device, and the syncs that tell the
 * device what changed. A port belongs to the thread that opened it.
 *
 * Once closed, every method throws a {@link NetmapError} (`ERR_NETMAP_CLOSED`), except `close`, `ref` and `unref`.
 */
export class Port {
  /** Name as given to {@link open}. */
  readonly name: string;
  /** Which device serves the port. */
  readonly device: DeviceKind;
  /** Id of the memory region. Ports of one device with the same id can exchange buffers. */
  readonly memId: number;
  /** Bytes of the region. */
  readonly memSize: number;
  /** Bytes of each packet buffer, 0 when no ring is bound. */
  readonly bufSize: number;
  /** Bound rings to write into: those of the port, then those to the host. */
  readonly txRings: readonly Ring[];
  /** Bound rings to read from: those of the port, then those from the host. */
  readonly rxRings: readonly Ring[];
  /** The whole region, byte by byte; offsets of buffers and rings refer to this. */
  readonly u8: Uint8Array;
  /** The whole region as 16-bit words in the host's byte order. */
  readonly u16: Uint16Array;
  /** The whole region as 32-bit words in the host's byte order. */
  readonly u32: Uint32Array;
  /** Whether this port watches another one (`/r`, `/t`, `/z`), see the option `monitor`. */
  readonly monitor: boolean;
  /** Spare buffers, see the option `extraBuffers`. */
  readonly extraBuffers: ExtraBuffers;

  private readonly native: NativePort;
  private readonly buffers: Buffers;
  private readonly waits: Waits;
  private readonly batchState: BatchSource;
  private indirectMemory: IndirectMemory | undefined;
  private isClosed = false;

  /** @internal Use {@link open}. */
  constructor(key: symbol, opened: OpenedPort) {
    if (key !== KEY) throw wrongType('Port', 'made by open(), not by new', key);
    const { native, region } = opened;
    this.name = opened.name;
    this.device = opened.device;
    this.memId = opened.memId;
    this.monitor = opened.monitor;
    this.memSize = region.byteLength;
    this.native = native;
    this.u8 = new Uint8Array(region);
    this.u16 = new Uint16Array(region, 0, Math.floor(region.byteLength / 2));
    this.u32 = new Uint32Array(region, 0, Math.floor(region.byteLength / 4));
    const places = findRings(region, opened.ifOffset);
    this.bufSize = places[0]?.bufSize ?? 0;
    this.buffers = new Buffers(this.name, region, places[0]?.bufferBase ?? 0, this.bufSize || region.byteLength);
    const rings = places.map((place) => new Ring(this, place, opened.maxOffset));
    this.txRings = Object.freeze(rings.filter((ring) => ring.isTx));
    this.rxRings = Object.freeze(rings.filter((ring) => !ring.isTx));
    this.extraBuffers = new ExtraBuffers(this, extraListOffset(opened.ifOffset) / 4, this.buffers.count);
    this.waits = new Waits({
      name: this.name,
      native,
      isClosed: () => this.isClosed,
      isReady: (direction) => this.isReady(direction),
      trySync: (direction) => this.trySync(direction),
      waitError: (number) => systemError('waiting for', number, this.context('poll')),
    });
    this.batchState = { port: this, iterating: false, trySync: (direction) => this.trySync(direction) };
    nativeOf.set(this, native);
  }

  /** @internal */
  static make(opened: OpenedPort): Port {
    return new Port(KEY, opened);
  }

  /** File descriptor, -1 once closed. Do not close it, and do not wait for it with edge-triggered epoll. */
  get fd(): number {
    return this.native.fd();
  }

  /** Whether {@link Port.close} has been called. */
  get closed(): boolean {
    return this.isClosed;
  }

  /**
   * Of a monitor: whether the port that it watches has been closed, by its owner or by the death of that. What was
   * received before can still be read; then {@link Port.batches} ends, and {@link Port.readable} and {@link Port.poll}
   * throw `ERR_NETMAP_ENDED`. A monitor that was asleep learns of it at once on the engine; within a second when the
   * owner was killed, and on the kernel, which wakes nobody for it. Always false for other ports, and once closed.
   */
  get ended(): boolean {
    if (!this.monitor || this.isClosed) return false;
    const revents = this.native.poll(POLL.IN, 0);
    // What a monitor is told to send is an error, too: it stays in its tx ring, if it has one.
    return revents > 0 && (revents & POLL.ERR) !== 0 && this.txRings.every(({ head }) => head === 0);
  }

  /** Hands the tx slots before each `head` to the device, and takes those back that it has sent. */
  txSync(): void {
    if (this.indirectMemory !== undefined) this.checkIndirect();
    const number = this.native.txSync();
    if (number !== 0) throw this.syncError('NIOCTXSYNC', number);
  }

  /** Gives the rx slots before each `head` back to the device, and shows what has been received. */
  rxSync(): void {
    const number = this.native.rxSync();
    if (number !== 0) throw this.syncError('NIOCRXSYNC', number);
  }

  /**
   * Blocks the thread until one of `events` is ready: for workers and scripts that do nothing else. Syncs the tx rings,
   * and the rx rings if asked for `POLL.IN`.
   *
   * @param events `POLL.IN` (1), `POLL.OUT` (4), or both
   * @param timeoutMs milliseconds; 0 = look and return, -1 or Infinity = for ever
   * @returns the events that are ready, 0 when the time is over
   */
  poll(events: number, timeoutMs = 0): number {
    checkInteger('events', events, 0, 0x7fff);
    if (typeof timeoutMs !== 'number') throw wrongType('timeoutMs', 'a number', timeoutMs);
    if (!(timeoutMs >= 0) && timeoutMs !== -1) throw outOfRange('timeoutMs', 'at least 0, or -1 for ever', timeoutMs);
    if (this.indirectMemory !== undefined) this.checkIndirect();
    const endless = timeoutMs === -1 || timeoutMs === Infinity;
    const end = timeoutMs === 0 || endless ? 0 : performance.now() + timeoutMs;
    for (let left = endless ? POLL_SLICE : timeoutMs; ;) {
      const revents = this.native.poll(events, Math.ceil(Math.min(left, POLL_SLICE)));
      if (revents > 0) return (revents & POLL.ERR) === 0 ? revents : this.explain(revents);
      if (revents < 0 && revents !== -errno.EINTR) throw this.syncError('poll', -revents);
      if (endless) continue;
      left = end - performance.now();
      if (timeoutMs === 0 || left <= 0) return 0;
    }
  }

  /**
   * Waits on the event loop until some rx ring has packets. Sends what lies in the tx rings, too.
   *
   * @returns true; false when the `timeout` (in ms) is over
   * @throws the `signal`'s reason, NetmapError `EBUSY` when somebody waits already, `ERR_NETMAP_CLOSED` when the port
   *   gets closed, `ERR_NETMAP_ENDED` when the port that a monitor watches has been, and what the device says, for
   *   example `EIO` when the interface is gone
   */
  readable(options: WaitOptions = {}): Promise<boolean> {
    return this.wait(POLL.IN, options);
  }

  /** Waits on the event loop until some tx ring has room. As {@link Port.readable}. */
  writable(options: WaitOptions = {}): Promise<boolean> {
    return this.wait(POLL.OUT, options);
  }

  /**
   * Received packets, batch by batch, for `for await`. A batch's slots go back to the device when the loop asks for the
   * next one. Timers and I/O get their turn however busy the port is. The batches of a monitor end when the port that it
   * watches has been closed, after the last packet.
   */
  batches(options: BatchOptions = {}): AsyncIterableIterator<Batch> {
    checkObject('options', options, ['signal', 'max']);
    if (options.signal !== undefined) checkSignal('options.signal', options.signal);
    if (options.max !== undefined) checkInteger('options.max', options.max, 1, 0xffffffff);
    if (this.isClosed) throw closedError(this.name);
    return new BatchIterator(this.batchState, options);
  }

  /** Lets a wait keep the process alive, as is the default. */
  ref(): this {
    this.waits.ref();
    return this;
  }

  /** Lets the process end although somebody waits for this port. */
  unref(): this {
    this.waits.unref();
    return this;
  }

  /** Closes the port: waits are rejected, all views become empty. Called twice, does nothing. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const ring of this.txRings) ring.retire();
    for (const ring of this.rxRings) ring.retire();
    this.buffers.retire();
    this.native.close();
    this.waits.failAll(closedError(this.name));
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** View of the whole buffer `index`. Made when first asked for, and kept. */
  buffer(index: number): Uint8Array {
    return this.buffers.view(index);
  }

  /** Byte offset of buffer `index` in `u8`. */
  bufferOffset(index: number): number {
    return this.buffers.offset(index);
  }

  /** Whether buffers can be exchanged with a port: both open, on one device, in one memory region. */
  canSwapWith(other: Port): boolean {
    if (!(other instanceof Port)) throw wrongType('other', 'a Port', other);
    return (
      !this.isClosed &&
      !other.isClosed &&
      this.device === other.device &&
      this.memId === other.memId &&
      this.bufSize === other.bufSize
    );
  }

  /**
   * Copies one frame into the first tx ring that has room for it, divided over several slots where it is longer than a
   * buffer. It goes out with the next {@link Port.txSync}.
   *
   * @returns false when there is no room
   * @throws RangeError when the frame is empty, or longer than any ring can take
   */
  inject(frame: Uint8Array): boolean {
    checkBytes('frame', frame);
    if (this.isClosed) throw closedError(this.name);
    let tooLong: unknown;
    let full = false;
    for (const ring of this.txRings) {
      try {
        const used = ring.writeFrame(frame);
        ring.advance(used);
        if (used > 0) return true;
        full = true;
      } catch (error) {
        tooLong = error; // for this ring; another one may have more slots
      }
    }
    if (!full && tooLong !== undefined) throw tooLong;
    return false;
  }

  /** What the engine counts for this port; null on the kernel, which counts nothing. */
  counters(): Counters | null {
    if (this.isClosed) throw closedError(this.name);
    return readCounters(this.native);
  }

  /**
   * Lets tx slots point into `data` instead of a buffer: {@link NS.INDIRECT} (VALE ports only).
   *
   * @returns the address of the first byte, for {@link Ring.setPointer}; add to it to point further in
   */
  indirect(data: Uint8Array): bigint {
    if (this.isClosed) throw closedError(this.name);
    this.indirectMemory ??= new IndirectMemory();
    return this.indirectMemory.allow(this.native, data, this.name);
  }

  private wait(direction: number, options: WaitOptions): Promise<boolean> {
    try {
      checkObject('options', options, ['signal', 'timeout']);
      if (options.signal !== undefined) checkSignal('options.signal', options.signal);
      if (options.timeout !== undefined) checkTimeout('options.timeout', options.timeout);
    } catch (error) {
      return Promise.reject(error);
    }
    if (!this.isClosed && this.rings(direction).length === 0) return Promise.reject(this.noRings(direction));
    return this.waits.wait(direction, options);
  }

  private rings(direction: number): readonly Ring[] {
    return direction === POLL.IN ? this.rxRings : this.txRings;
  }

  private noRings(direction: number): NetmapError {
    const kind = direction === POLL.IN ? 'rx' : 'tx';
    const hint = this.monitor ? 'a monitor only receives' : 'it was opened for the other direction only';
    return new NetmapError(`port '${this.name}' has no ${kind} ring to wait for (EINVAL); ${hint}`, {
      code: 'EINVAL',
      port: this.name,
      hint,
    });
  }

  private isReady(direction: number): boolean {
    const rings = this.rings(direction);
    for (let i = 0; i < rings.length; i++) if (rings[i].ready) return true;
    return false;
  }

  private trySync(direction: number): NetmapError | undefined {
    if (direction === POLL.IN) {
      const number = this.native.rxSync();
      if (number !== 0) return this.syncError('NIOCRXSYNC', number);
      return this.monitor && !this.isReady(POLL.IN) && this.ended ? endedError(this.name) : undefined;
    }
    const gone = this.indirectMemory?.check(this.name);
    if (gone) return gone;
    const number = this.native.txSync();
    return number === 0 ? undefined : this.syncError('NIOCTXSYNC', number);
  }

  /** poll(2) only says that something is wrong. A sync says what. */
  private explain(revents: number): number {
    const error = this.trySync(POLL.OUT) ?? this.trySync(POLL.IN);
    if (error) throw error;
    return this.monitor ? revents & ~POLL.ERR || POLL.ERR : revents;
  }

  private checkIndirect(): void {
    const gone = this.indirectMemory?.check(this.name);
    if (gone) throw gone;
  }

  private syncError(call: string, number: number): NetmapError {
    if (this.isClosed) return closedError(this.name);
    return systemError(call === 'poll' ? 'waiting for' : 'syncing', number, this.context(call));
  }

  private context(call: string) {
    return { port: this.name, device: this.device, call };
  }
}
