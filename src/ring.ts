import { outOfRange, wrongType } from './check';
import { NS } from './constants';
import { closedError, NetmapError } from './errors';
import { frameSlots, readFrame, writeFrame } from './frames';
import { popHeader, pushHeader, setHeadroom } from './headroom';
import type { RingKind, RingPlace } from './memory';
import type { Port } from './port';

const SLOT_WORDS = 4;
const SLOT_HALVES = 8;

function exchange(a: Uint32Array, i: number, b: Uint32Array, j: number): void {
  const kept = a[i];
  a[i] = b[j];
  b[j] = kept;
}

/**
 * A ring of slots in memory that is shared with the device. Slot and buffer accesses are index arithmetic on views that
 * already exist: nothing here allocates, except where the documentation says so.
 *
 * The application owns the slots from `head` up to, but not including, `tail`: on a tx ring they are free to fill, on an
 * rx ring they hold packets. {@link Ring.advance} gives slots back to the device, which takes note at the next sync.
 * Between two syncs nothing that the application owns changes. A ring belongs to one thread.
 *
 * Every method throws a {@link NetmapError} (`ERR_NETMAP_CLOSED`) once the port is closed.
 */
// In what runs per packet, arithmetic says `| 0`: with integers of 32 bits known as such, V8 leaves out what doubles and
// overflow would need, which makes a loop a tenth faster.
export class Ring {
  /** The port whose ring this is. */
  readonly port: Port;
  /** `tx` and `rx`, or `host-tx` (into the host's network stack) and `host-rx` (out of it). */
  readonly kind: RingKind;
  /** Index among the rings of its kind. */
  readonly id: number;
  /** Number of slots; any number, not only powers of two. One of them always stays with the device. */
  readonly numSlots: number;
  /** Bytes in each buffer. */
  readonly bufSize: number;
  /**
   * Index of slot 0 in `port.u32`. Slot `i` is the four words from `slotBase + 4 * i`: buffer index, then length (low
   * half in `port.u16`) and flags, then the 64-bit pointer.
   */
  readonly slotBase: number;
  /** Byte offset of the ring structure in `port.u8`. */
  readonly byteOffset: number;
  /**
   * Largest offset of a payload in its buffer, 0 when the ring has no offsets: see {@link PortOptions.offset}. Larger ones
   * are cut by the device, and by {@link Ring.offset}. As of the opening of the port.
   */
  readonly maxHeadroom: number;
  /** @internal Bits of a slot's pointer that hold the offset, as two words; 0 = no offsets. */
  readonly maskLow: number;
  /** @internal */
  readonly maskHigh: number;

  private readonly u32: Uint32Array;
  private readonly u16: Uint16Array;
  private readonly headAt: number;
  private readonly curAt: number;
  private readonly tailAt: number;
  private readonly lengthAt: number;
  private readonly bufferBase: number;
  /** Slots below this are valid: `numSlots`, or 0 once closed, so that one comparison serves both. */
  private limit: number;
  /** As `limit` where payloads begin where their buffers do; 0 where offsets are on, so that nobody else pays for them. */
  private plainLimit: number;
  /** Longest length that needs no look at the slot's offset. */
  private readonly plainLength: number;
  /**
   * The head that was last stored. netmap itself accepts any value and acts on it: a head that went backwards makes it
   * send old slots again. So each move is checked against what is remembered here, never against shared memory.
   */
  private committed = 0;

  /** @internal */
  constructor(port: Port, place: RingPlace, maxOffset?: number) {
    this.port = port;
    this.kind = place.kind;
    this.id = place.id;
    this.numSlots = place.numSlots;
    this.bufSize = place.bufSize;
    this.byteOffset = place.offset;
    const word = place.offset / 4;
    this.slotBase = word + 64;
    this.u32 = port.u32;
    this.u16 = port.u16;
    this.headAt = word + 5;
    this.curAt = word + 6;
    this.tailAt = word + 7;
    this.lengthAt = 2 * this.slotBase + 2;
    this.bufferBase = place.bufferBase;
    const plain = place.offsetMask === 0n;
    this.maskLow = Number(place.offsetMask & 0xffffffffn);
    this.maskHigh = Number(place.offsetMask >> 32n);
    this.maxHeadroom = plain ? 0 : Math.min(maxOffset ?? place.bufSize, place.bufSize);
    this.limit = place.numSlots;
    this.plainLimit = plain && port.memSize <= 0x7fffffff ? place.numSlots : 0;
    this.plainLength = plain ? place.bufSize : 0;
    this.reload();
  }

  /** @internal The device has put head somewhere else. */
  reload(): void {
    const head = this.u32[this.headAt];
    this.committed = head < this.numSlots ? head : 0;
  }

  /** @internal The port has closed. */
  retire(): void {
    this.limit = 0;
    this.plainLimit = 0;
  }

  /** Whether the application writes packets into this ring. */
  get isTx(): boolean {
    return this.kind === 'tx' || this.kind === 'host-tx';
  }

  /** First slot that the application owns. */
  get head(): number {
    return this.committed;
  }

  /** Wake-up point: waiting ends when `cur` is not `tail`. Equal to `head` unless set. */
  get cur(): number {
    return this.u32[this.curAt];
  }

  /** First slot that the device owns. */
  get tail(): number {
    return this.u32[this.tailAt];
  }

  /** Number of slots that the application owns. */
  get available(): number {
    const tail = this.u32[this.tailAt];
    let n = tail - this.committed;
    if (n < 0) n += this.limit;
    // Also catches what a detached view gives: undefined, hence NaN.
    if (tail < this.limit && n >= 0) return n;
    return this.unavailable();
  }

  /** Of a tx ring: slots handed over that the device has not given back yet. */
  get pending(): number {
    return this.numSlots - 1 - this.available;
  }

  /** The slot after slot `i`. */
  next(i: number): number {
    const j = (i + 1) | 0;
    return j === this.numSlots ? 0 : j;
  }

  /** Bytes in slot `i`. */
  length(i: number): number {
    if ((i | 0) !== i || i < 0 || i >= this.limit) throw this.badSlot(i);
    return this.u16[(this.lengthAt + (i << 3)) | 0];
  }

  /** Sets the number of bytes in slot `i`: 0 to `bufSize`, less the slot's {@link Ring.headroom}. */
  setLength(i: number, length: number): void {
    if ((i | 0) !== i || i < 0 || i >= this.limit) throw this.badSlot(i);
    if ((length | 0) !== length || length < 0 || length > this.plainLength) this.checkLength(i, length);
    this.u16[(this.lengthAt + (i << 3)) | 0] = length;
  }

  /** Flags of slot `i`, see {@link NS}. */
  flags(i: number): number {
    if ((i | 0) !== i || i < 0 || i >= this.limit) throw this.badSlot(i);
    return this.u16[this.lengthAt + SLOT_HALVES * i + 1];
  }

  /** Sets the flags of slot `i`: 16 bits, see {@link NS}. */
  setFlags(i: number, flags: number): void {
    if ((i | 0) !== i || i < 0 || i >= this.limit) throw this.badSlot(i);
    this.u16[this.lengthAt + SLOT_HALVES * i + 1] = flags;
  }

  /** Index of the buffer that slot `i` points at. */
  bufferIndex(i: number): number {
    if ((i | 0) !== i || i < 0 || i >= this.limit) throw this.badSlot(i);
    return this.u32[this.slotBase + SLOT_WORDS * i];
  }

  /** Lets slot `i` point at another buffer of the region, and sets {@link NS.BUF_CHANGED}. */
  setBufferIndex(i: number, index: number): void {
    if ((i | 0) !== i || i < 0 || i >= this.limit) throw this.badSlot(i);
    this.port.bufferOffset(index);
    this.u32[this.slotBase + SLOT_WORDS * i] = index;
    this.u16[this.lengthAt + SLOT_HALVES * i + 1] |= NS.BUF_CHANGED;
  }

  /**
   * Byte offset in `port.u8` of the payload of slot `i`: its buffer, plus the slot's own offset where offsets are on.
   * Buffers begin at multiples of 64 from one another, so without offsets it can be divided by 4 for `port.u32`.
   */
  offset(i: number): number {
    if ((i | 0) !== i || i < 0 || i >= this.plainLimit) return this.shiftedOffset(i);
    return (this.bufferBase + Math.imul(this.u32[(this.slotBase + (i << 2)) | 0], this.bufSize)) | 0;
  }

  /** View of the whole buffer that slot `i` points at now. Made once per buffer and kept. */
  buffer(i: number): Uint8Array {
    return this.port.buffer(this.bufferIndex(i));
  }

  /** View of the bytes in slot `i`. A convenience: it allocates a view at each call. */
  payload(i: number): Uint8Array {
    const start = this.offset(i);
    return this.port.u8.subarray(start, start + this.payloadLength(i));
  }

  /** Bytes of payload in slot `i`: its length, cut where its buffer ends (who wrote the length may be mistaken). */
  payloadLength(i: number): number {
    const length = this.length(i);
    const room = this.bufSize - this.headroom(i);
    return length < room ? length : room;
  }

  /** Bytes before the payload in slot `i`'s buffer: the slot's offset; 0 where offsets are off. */
  headroom(i: number): number {
    if ((i | 0) !== i || i < 0 || i >= this.limit) throw this.badSlot(i);
    if (this.maxHeadroom === 0) return 0;
    const word = this.slotBase + SLOT_WORDS * i + 2;
    const low = (this.u32[word] & this.maskLow) >>> 0;
    return (this.u32[word + 1] & this.maskHigh) !== 0 || low > this.maxHeadroom ? this.maxHeadroom : low;
  }

  /**
   * Lets the payload of slot `i` begin `bytes` into its buffer. The bytes themselves stay where they are, and the length
   * stays as it is.
   *
   * @throws RangeError for more than {@link Ring.maxHeadroom}
   */
  setHeadroom(i: number, bytes: number): void {
    setHeadroom(this, i, bytes);
  }

  /**
   * Makes room for a header in front of the payload of slot `i`, without moving a byte: the payload begins `bytes` earlier
   * and is that much longer. What lies there is to be overwritten.
   *
   * @returns where the payload begins now, in `port.u8`
   * @throws RangeError when there is less than `bytes` of {@link Ring.headroom}
   */
  pushHeader(i: number, bytes: number): number {
    return pushHeader(this, i, bytes);
  }

  /**
   * Takes a header off the payload of slot `i`, without moving a byte: the payload begins `bytes` later and is that much
   * shorter. {@link Ring.pushHeader} brings it back.
   *
   * @returns where the payload begins now, in `port.u8`
   * @throws RangeError when the payload is shorter, or would begin behind {@link Ring.maxHeadroom}
   */
  popHeader(i: number, bytes: number): number {
    return popHeader(this, i, bytes);
  }

  /** The 64-bit pointer field of slot `i`: an address with {@link NS.INDIRECT}, an offset where offsets are on. */
  pointer(i: number): bigint {
    if ((i | 0) !== i || i < 0 || i >= this.limit) throw this.badSlot(i);
    const word = this.slotBase + SLOT_WORDS * i + 2;
    return (BigInt(this.u32[word + 1]) << 32n) | BigInt(this.u32[word]);
  }

  /** Sets the pointer field of slot `i`, for example to what {@link Port.indirect} returned. */
  setPointer(i: number, pointer: bigint): void {
    if ((i | 0) !== i || i < 0 || i >= this.limit) throw this.badSlot(i);
    if (typeof pointer !== 'bigint') throw wrongType('pointer', 'a bigint', pointer);
    const word = this.slotBase + SLOT_WORDS * i + 2;
    this.u32[word] = Number(pointer & 0xffffffffn);
    this.u32[word + 1] = Number((pointer >> 32n) & 0xffffffffn);
  }

  /** Gives the first `n` slots back to the device: moves `head` by `n`, and `cur` with it. */
  advance(n: number): void {
    if (n >>> 0 !== n || n > this.available) throw this.badAdvance(n);
    let head = this.committed + n;
    if (head >= this.numSlots) head -= this.numSlots;
    this.committed = head;
    this.u32[this.headAt] = head;
    this.u32[this.curAt] = head;
  }

  /** Moves `head` to slot `i`, between `head` and `tail`; moves `cur` as well if it is left behind. */
  setHead(i: number): void {
    const distance = this.distance('head', i);
    const curDistance = this.from(this.cur);
    this.committed = i;
    this.u32[this.headAt] = i;
    if (curDistance < distance || curDistance > distance + this.available) this.u32[this.curAt] = i;
  }

  /** Moves the wake-up point to slot `i`, between `head` and `tail`; `tail` means: wake me only when more has come. */
  setCur(i: number): void {
    this.distance('cur', i);
    this.u32[this.curAt] = i;
  }

  /**
   * Exchanges the buffers of slot `i` here and slot `j` of another ring: zero copy. The slot in `other` takes over length
   * and pointer (and so the payload's offset), both are marked {@link NS.BUF_CHANGED}.
   *
   * @throws NetmapError `EXDEV` unless both ports use one memory region, see {@link Port.canSwapWith}, and both rings the
   *   same offsets
   */
  swap(i: number, other: Ring, j: number): void {
    if ((i | 0) !== i || i < 0 || i >= this.limit) throw this.badSlot(i);
    if (!(other instanceof Ring)) throw wrongType('other', 'a Ring', other);
    if ((j | 0) !== j || j < 0 || j >= other.limit) throw other.badSlot(j);
    if (other.port !== this.port && !this.port.canSwapWith(other.port)) throw this.cannotSwap(other);
    if (!this.offsetsAs(other)) throw this.otherOffsets(other);
    const mine = this.u32;
    const theirs = other.u32;
    const a = this.slotBase + SLOT_WORDS * i;
    const b = other.slotBase + SLOT_WORDS * j;
    exchange(mine, a, theirs, b);
    exchange(mine, a + 2, theirs, b + 2);
    exchange(mine, a + 3, theirs, b + 3);
    other.u16[2 * b + 2] = this.u16[2 * a + 2];
    this.u16[2 * a + 3] |= NS.BUF_CHANGED;
    other.u16[2 * b + 3] |= NS.BUF_CHANGED;
  }

  /** Time of the last rx sync in seconds since 1970; 0 when there was none, or when the ring keeps no time stamps. */
  get timestamp(): number {
    this.check();
    const word = this.byteOffset / 4 + 10;
    return this.u32[word] + this.u32[word + 1] * 0x100000000 + this.u32[word + 2] / 1e6;
  }

  /** Flags of the ring itself: {@link NR.TIMESTAMP}, {@link NR.FORWARD}. */
  get ringFlags(): number {
    this.check();
    return this.u32[this.byteOffset / 4 + 8];
  }
  set ringFlags(flags: number) {
    this.check();
    this.u32[this.byteOffset / 4 + 8] = flags;
  }

  /** Number of slots of the frame that begins in slot `i`; 0 when its last slot is not among those available. */
  frameSlots(i: number): number {
    return frameSlots(this, i);
  }

  /**
   * Copies the frame that begins in slot `i`, however many slots it spans.
   *
   * @returns its bytes, 0 when its last slot is not among those available
   * @throws RangeError when `into` is too short
   */
  readFrame(i: number, into: Uint8Array): number {
    return readFrame(this, i, into);
  }

  /**
   * Copies a frame into the slots from `head`, as many as it needs. It does not move `head`: call `advance` with the
   * result.
   *
   * @param flags slot flags for its first slot, for example {@link NS.REPORT}
   * @returns slots used, 0 when there is no room for all of it
   * @throws RangeError when the frame is empty, or longer than this ring can ever take
   */
  writeFrame(data: Uint8Array, flags = 0): number {
    return writeFrame(this, data, flags);
  }

  /** @internal A native loop has moved the head, and stored it. */
  resume(head: number): void {
    if (head >>> 0 === head && head < this.limit) this.committed = head;
  }

  /** @internal Slots from `head` to slot `i`. */
  from(i: number): number {
    const n = i - this.committed;
    return n < 0 ? n + this.numSlots : n;
  }

  /** @internal Whether payloads may begin at the same places in both rings, so that buffers can go from one to the other. */
  offsetsAs(other: Ring): boolean {
    return this.maxHeadroom === other.maxHeadroom && this.maskLow === other.maskLow && this.maskHigh === other.maskHigh;
  }

  /** @internal Whether poll(2) would call the ring ready: `cur` has not reached `tail`. */
  get ready(): boolean {
    return this.u32[this.curAt] !== this.u32[this.tailAt];
  }

  private distance(name: string, i: number): number {
    if ((i | 0) !== i || i < 0 || i >= this.limit) throw this.badSlot(i);
    const distance = this.from(i);
    if (distance > this.available) {
      throw outOfRange(name, `between head ${this.committed} and tail ${this.tail} (cyclically)`, i);
    }
    return distance;
  }

  private check(): void {
    if (this.limit === 0) throw closedError(this.port.name);
  }

  // What follows is off the fast path, in functions of its own so that the ones above stay small enough to be inlined.

  private unavailable(): number {
    this.check();
    return 0; // a tail outside the ring: nothing can be relied upon, so nothing is there
  }

  private shiftedOffset(i: number): number {
    return this.bufferBase + this.bufferIndex(i) * this.bufSize + this.headroom(i);
  }

  private badSlot(i: unknown): Error {
    if (this.limit === 0) return closedError(this.port.name);
    return typeof i === 'number'
      ? outOfRange('slot', `an integer from 0 to ${this.numSlots - 1}`, i)
      : wrongType('slot', 'a number', i);
  }

  private checkLength(i: number, length: unknown): void {
    if (typeof length !== 'number') throw wrongType('length', 'a number', length);
    const headroom = this.headroom(i);
    if (Number.isInteger(length) && length >= 0 && length <= this.bufSize - headroom) return;
    const less = headroom > 0 ? `, less ${headroom} of headroom` : '';
    throw outOfRange('length', `an integer from 0 to ${this.bufSize - headroom} (the buffer size${less})`, length);
  }

  private badAdvance(n: unknown): Error {
    return typeof n === 'number'
      ? outOfRange('n', `an integer from 0 to ${this.available} (the slots available)`, n)
      : wrongType('n', 'a number', n);
  }

  private otherOffsets(other: Ring): NetmapError {
    const hint = 'open both with the same option offset, or copy';
    return new NetmapError(
      `rings of '${this.port.name}' (payloads up to ${this.maxHeadroom} bytes into their buffers) and ` +
        `'${other.port.name}' (up to ${other.maxHeadroom}) have different offsets (EXDEV); ${hint}`,
      { code: 'EXDEV', port: other.port.name, hint },
    );
  }

  private cannotSwap(other: Ring): NetmapError {
    const hint = 'open one port with the memory id of the other (option memId, or "@ID" in the name), or copy';
    return new NetmapError(
      `ports '${this.port.name}' (region ${this.port.memId}) and '${other.port.name}' (region ${other.port.memId}) ` +
        `share no memory (EXDEV); ${hint}`,
      { code: 'EXDEV', port: other.port.name, hint },
    );
  }
}
