import { checkInteger, checkObject, wrongValue } from '../check';

/** A packet that has come out. */
export interface EmulatedPacket {
  /** When, in ns. */
  time: number;
  /** `out`: from the inside. */
  direction: 'out' | 'in';
  /** Which it was: those that were put in count from 0 on, modulo 2^32. A duplicate has the same. */
  id: number;
  data: Uint8Array;
}

/** How much room {@link Departures} have. */
export interface DeparturesOptions {
  /** Packets, 1 to 2^20; 1024 by default. */
  packets?: number;
  /** Bytes of all of them, 65280 (the longest frame) to 2^30; 1 MiB by default. */
  bytes?: number;
}

/**
 * Packets that have come out of an emulator, in columns: filled again and again by {@link Emulator.advanceInto}, which
 * allocates nothing. Read them before the next call.
 */
export class Departures {
  /** Packets. */
  length = 0;
  /** When each came out, in ns. */
  readonly times: Float64Array;
  /** Their bytes, one behind the other. */
  readonly bytes: Uint8Array;
  /** @internal Four numbers for each packet: offset in `bytes`, length, id, 1 for out. */
  readonly places: Uint32Array;

  constructor(options: DeparturesOptions = {}) {
    checkObject('options', options, ['packets', 'bytes']);
    const { packets = 1024, bytes = 1 << 20 } = options;
    checkInteger('options.packets', packets, 1, 1 << 20);
    checkInteger('options.bytes', bytes, 65280, 1 << 30);
    this.times = new Float64Array(packets);
    this.bytes = new Uint8Array(bytes);
    this.places = new Uint32Array(4 * packets);
  }

  /** @internal Whether there is room at all. */
  check(): void {
    const { bytes, places, times } = this;
    if (!(bytes.length > 0 && places.length > 0 && times.length > 0)) throw this.lost();
  }

  /** @internal */
  lost(): TypeError {
    return wrongValue('departures', 'have lost their memory (a transfer detached it): make others', this);
  }

  /** When packet `i` came out, in ns. */
  time(i: number): number {
    return this.times[i];
  }

  /** Where packet `i` begins in `bytes`. */
  offset(i: number): number {
    return this.places[i << 2];
  }

  /** Bytes of packet `i`. */
  size(i: number): number {
    return this.places[(i << 2) + 1];
  }

  /** Which packet it was: those that were put in count from 0 on, modulo 2^32. A duplicate has the same. */
  id(i: number): number {
    return this.places[(i << 2) + 2];
  }

  /** Whether packet `i` came from the inside. */
  isOut(i: number): boolean {
    return this.places[(i << 2) + 3] === 1;
  }

  /** Bytes of packet `i`, as a view. This and {@link Departures.packet} allocate, nothing else here does. */
  data(i: number): Uint8Array {
    const offset = this.offset(i);
    return this.bytes.subarray(offset, offset + this.size(i));
  }

  /** Packet `i` as {@link Emulator.advance} gives it, with bytes of its own: it may be kept. */
  packet(i: number): EmulatedPacket {
    return { time: this.time(i), direction: this.isOut(i) ? 'out' : 'in', id: this.id(i), data: this.data(i).slice() };
  }
}
