import { wrongValue } from './check';
import { closedError } from './errors';
import type { Port } from './port';

/**
 * Buffers that belong to the port without being in a ring: asked for by the option `extraBuffers`, to be put into slots
 * in place of others that one wants to keep.
 *
 * They are a list in shared memory, and stay one: each `take` and `give` updates it, so whatever has been given back by
 * the time the port goes, however it goes, returns to the device.
 */
export class ExtraBuffers {
  private readonly port: Port;
  private readonly headAt: number;
  /** One bit per buffer of the region: whether it is in the list. */
  private readonly listed: Uint8Array;
  private free = 0;

  /** @internal */
  constructor(port: Port, headAt: number, bufferCount: number) {
    this.port = port;
    this.headAt = headAt;
    this.listed = new Uint8Array(Math.ceil(bufferCount / 8));
    // A list that leads out of the region or back into itself ends where it does so.
    for (let index = port.u32[headAt]; this.valid(index, bufferCount); index = this.nextOf(index)) {
      this.mark(index, true);
      this.free++;
    }
  }

  /** Buffers that can be taken. The device may have given fewer than were asked for. */
  get available(): number {
    return this.free;
  }

  /** Takes a buffer from the list: its index, or 0 when there is none. */
  take(): number {
    if (this.port.closed) throw closedError(this.port.name);
    if (this.free === 0) return 0;
    const index = this.port.u32[this.headAt];
    const next = this.nextOf(index);
    this.mark(index, false);
    this.free--;
    this.port.u32[this.headAt] = this.free === 0 ? 0 : next;
    return index;
  }

  /**
   * Puts a buffer into the list: one that was taken, or the one whose place in a slot it took. A buffer must be in one
   * place only; that it is not in a slot any more is for the caller to see to.
   *
   * @throws RangeError when there is no such buffer; TypeError (`ERR_INVALID_ARG_VALUE`) when it is in the list already
   */
  give(index: number): void {
    if (this.port.closed) throw closedError(this.port.name);
    const word = this.port.bufferOffset(index) / 4;
    if (this.isListed(index)) throw wrongValue('index', 'is in the list already', index);
    this.port.u32[word] = this.port.u32[this.headAt];
    this.port.u32[this.headAt] = index;
    this.mark(index, true);
    this.free++;
  }

  private valid(index: number, bufferCount: number): boolean {
    return index >= 2 && index < bufferCount && !this.isListed(index);
  }

  private nextOf(index: number): number {
    return this.port.u32[this.port.bufferOffset(index) / 4];
  }

  private isListed(index: number): boolean {
    return (this.listed[index >> 3] & (1 << (index & 7))) !== 0;
  }

  private mark(index: number, on: boolean): void {
    if (on) this.listed[index >> 3] |= 1 << (index & 7);
    else this.listed[index >> 3] &= ~(1 << (index & 7));
  }
}
