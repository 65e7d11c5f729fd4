import type { Output } from './output';

/** Bytes that are written at once, and how many chunks of them may wait for the disk. */
const CHUNK = 1 << 20;
const MOST_WAITING = 16;

/**
 * Records on their way to the disk: one chunk is filled while others are written. When the disk does not keep up, whoever fills
 * them has to wait, see {@link Spool.waiting}.
 */
export class Spool {
  /** The chunk that is being filled. */
  chunk: Buffer = Buffer.allocUnsafeSlow(CHUNK);
  /** Bytes and packets in it. */
  used = 0;
  packets = 0;
  /** What the disk failed with. */
  failure: unknown;
  /** Called when it fails. */
  onFailure: () => void = () => {};
  private readonly free: Buffer[] = [];
  private onTheWay = 0;
  private wake: (() => void) | undefined;
  private room: Promise<void> | undefined;

  /** Hands the chunk over to be written, and goes on with another one. */
  flush(output: Output): void {
    const { chunk, used, packets } = this;
    if (used === 0) return;
    this.onTheWay++;
    output
      .write({ bytes: chunk.subarray(0, used), packets })
      .catch((error: unknown) => {
        this.failure ??= error;
        this.onFailure();
      })
      .finally(() => this.give(chunk))
      .catch(() => {});
    this.used = this.packets = 0;
    this.chunk = this.free.pop() ?? Buffer.allocUnsafeSlow(CHUNK);
  }

  /** Puts bytes into the chunk: headers and the like, far shorter than a chunk. */
  put(bytes: Uint8Array, output: Output): void {
    if (this.used + bytes.length > this.chunk.length) this.flush(output);
    this.chunk.set(bytes, this.used);
    this.used += bytes.length;
  }

  /** Resolves when fewer chunks wait for the disk. Undefined when there is no need to wait. */
  get waiting(): Promise<void> | undefined {
    if (this.onTheWay < MOST_WAITING) return undefined;
    return (this.room ??= new Promise((resolve) => (this.wake = resolve)));
  }

  private give(chunk: Buffer): void {
    this.onTheWay--;
    if (this.free.length < MOST_WAITING) this.free.push(chunk);
    if (this.onTheWay >= MOST_WAITING) return;
    this.wake?.();
    this.wake = this.room = undefined;
  }
}
