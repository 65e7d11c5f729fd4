import type { InterfaceStatistics } from './blocks';
import type { CaptureInterface } from './decoder';

const OPTION_END = 0;
const OPTION_NAME = 2;
const OPTION_RESOLUTION = 9;
const OPTION_OFFSET = 14;

/** Options of a statistics block: two times, and counters. */
const OPTION_START = 2;
const OPTION_FINISH = 3;
const COUNTERS: Readonly<Record<number, 'received' | 'dropped' | 'accepted' | 'droppedBySystem' | 'delivered'>> = {
  4: 'received',
  5: 'dropped',
  6: 'accepted',
  7: 'droppedBySystem',
  8: 'delivered',
};

/** Calls back for each option between `start` and `end`. */
function eachOption(
  view: DataView,
  start: number,
  end: number,
  little: boolean,
  take: (code: number, at: number, length: number) => void,
): void {
  for (let at = start; at + 4 <= end;) {
    const code = view.getUint16(at, little);
    const length = view.getUint16(at + 2, little);
    at += 4;
    // An option that reaches over the end of its block is ignored with all behind it: no packet depends on it.
    if (code === OPTION_END || at + length > end) return;
    take(code, at, length);
    at += (length + 3) & ~3;
  }
}

/** An interface of a pcapng file, and how its packets' times are to be read. */
export class NgInterface implements CaptureInterface {
  readonly linkType: number;
  readonly snaplen: number;
  name?: string;
  statistics?: InterfaceStatistics;
  /** Time units in a second as a power of ten, up to 9; -1 for resolutions that don't fit this. */
  private decimals = 6;
  /** Time units in a second. */
  private units = 1_000_000n;
  /** Seconds to be added to each time. */
  private offset = 0;

  /** Result of {@link split}. */
  seconds = 0;
  /** Result of {@link split}. */
  nanoseconds = 0;

  /**
   * @param view Memory that holds the block
   * @param start Index of the block's body, behind type and length
   * @param end Index behind the body
   * @param little Byte order of the section
   */
  constructor(view: DataView, start: number, end: number, little: boolean) {
    this.linkType = view.getUint16(start, little);
    this.snaplen = view.getUint32(start + 4, little);
    eachOption(view, start + 8, end, little, (code, at, length) => this.setOption(code, view, at, length, little));
  }

  /** Takes over the counters of a statistics block, whose options are from `start` to `end`. */
  readStatistics(view: DataView, start: number, end: number, little: boolean): void {
    const found: InterfaceStatistics = {};
    eachOption(view, start, end, little, (code, at, length) => {
      if (length < 8) return;
      const name = COUNTERS[code];
      if (name !== undefined) found[name] = Number(view.getBigUint64(at, little));
      else if (code === OPTION_START || code === OPTION_FINISH) {
        this.split(view.getUint32(at, little), view.getUint32(at + 4, little));
        found[code === OPTION_START ? 'start' : 'end'] = [this.seconds, this.nanoseconds];
      }
    });
    this.statistics = found;
  }

  private setOption(code: number, view: DataView, at: number, length: number, little: boolean): void {
    if (code === OPTION_RESOLUTION && length >= 1) this.setResolution(view.getUint8(at));
    else if (code === OPTION_OFFSET && length >= 8) this.offset = Number(view.getBigInt64(at, little));
    else if (code === OPTION_NAME) {
      this.name = Buffer.from(view.buffer, view.byteOffset + at, length)
        .toString('utf8')
        .replace(/\0+$/, '');
    }
  }

  /** The highest bit chooses between powers of two and of ten, the others are the (negative) exponent. */
  private setResolution(value: number): void {
    const exponent = value & 0x7f;
    const binary = (value & 0x80) !== 0;
    this.decimals = !binary && exponent <= 9 ? exponent : -1;
    this.units = binary ? 1n << BigInt(exponent) : 10n ** BigInt(exponent);
  }

  /** Turns a time of 64 bits, given in halves, into `seconds` and `nanoseconds`. */
  split(high: number, low: number): void {
    if (this.decimals < 0) this.splitAny(high, low);
    else this.splitDecimal(high, low);
    this.seconds += this.offset;
  }

  /** Long division in steps of 16 bits: all intermediate results stay exact below 2^53, and nothing is allocated. */
  private splitDecimal(high: number, low: number): void {
    const units = 10 ** this.decimals;
    let quotient = Math.floor(high / units);
    let rest = high - quotient * units;
    const upper = rest * 0x10000 + (low >>> 16);
    const upperQuotient = Math.floor(upper / units);
    rest = upper - upperQuotient * units;
    const lower = rest * 0x10000 + (low & 0xffff);
    const lowerQuotient = Math.floor(lower / units);
    quotient = quotient * 0x1_0000_0000 + upperQuotient * 0x10000 + lowerQuotient;
    this.seconds = quotient;
    this.nanoseconds = (lower - lowerQuotient * units) * 10 ** (9 - this.decimals);
  }

  /** Rare resolutions (binary ones, finer than a nanosecond) take the slow way. */
  private splitAny(high: number, low: number): void {
    const time = (BigInt(high) << 32n) | BigInt(low);
    this.seconds = Number(time / this.units);
    this.nanoseconds = Number(((time % this.units) * 1_000_000_000n) / this.units);
  }
}
