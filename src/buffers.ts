import { outOfRange, wrongType } from './check';
import { FIRST_BUFFER } from './constants';
import { closedError } from './errors';

/** The packet buffers of a region, by index. A view of each is made when it is first asked for, and kept. */
export class Buffers {
  private readonly port: string;
  private total: number;
  private readonly region: ArrayBuffer;
  private readonly base: number;
  private readonly size: number;
  private readonly views: (Uint8Array | undefined)[];

  constructor(port: string, region: ArrayBuffer, base: number, size: number) {
    this.port = port;
    this.region = region;
    this.base = base;
    this.size = size;
    this.total = Math.floor((region.byteLength - base) / size);
    this.views = [];
  }

  /** Buffers have indices below this; 0 once the port is closed. */
  get count(): number {
    return this.total;
  }

  /** The port has closed: every index is wrong from now on. */
  retire(): void {
    this.total = 0;
    this.views.length = 0;
  }

  offset(index: number): number {
    if (index >>> 0 !== index || index < FIRST_BUFFER || index >= this.total) throw this.bad(index);
    return this.base + index * this.size;
  }

  view(index: number): Uint8Array {
    if (index >>> 0 !== index) throw this.bad(index);
    return this.views[index] ?? this.make(index);
  }

  private make(index: number): Uint8Array {
    const offset = this.offset(index);
    // At full length from the start: an array that grew by distant indices would turn into a hash table.
    if (this.views.length === 0) this.views.length = this.total;
    return (this.views[index] = new Uint8Array(this.region, offset, this.size));
  }

  private bad(index: unknown): Error {
    if (this.total === 0) return closedError(this.port);
    return typeof index === 'number'
      ? outOfRange('index', `an integer from ${FIRST_BUFFER} to ${this.total - 1} (the buffers of the region)`, index)
      : wrongType('index', 'a number', index);
  }
}
