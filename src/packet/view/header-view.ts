import { dataOf } from './bytes';

/**
 * A header where it lies, in ring memory or anywhere else: fields are read and written in place, and nothing is allocated.
 * One view serves for any number of packets of one memory: it is moved from one to the next.
 *
 * There are two ways to move it:
 *
 * - {@link HeaderView.check} looks whether the header lies wholly before the end and does not contradict itself. Only if it
 *   says so do the fields mean something.
 * - {@link HeaderView.at} looks at nothing: for headers that were checked before, or that one is about to write.
 *
 * A field that lies beyond the memory is a RangeError, never somebody else's memory. Setters change one field and nothing else:
 * checksums are put right by the methods that say so.
 */
export abstract class HeaderView {
  /** The memory, for example `port.u8`. */
  readonly bytes: Uint8Array;
  /** The same memory, for fields of several bytes: V8 makes one load of each. */
  protected readonly data: DataView;
  /** Where the header begins in `bytes`. */
  offset = 0;
  /** Behind the last byte that belongs to the packet. */
  end = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.data = dataOf(bytes);
  }

  // What moves a view is abstract although it is the same everywhere: V8 learns the types that a function meets per function, and
  // one that is shared by a dozen classes is several times as slow in all of them.

  /** Moves the view, unchecked. */
  abstract at(offset: number, end: number): this;

  /** Moves the view; true when there is a whole header of this kind before `end`, and its own lengths make sense. */
  abstract check(offset: number, end: number): boolean;

  /** Bytes of the header, options included. */
  abstract get headerLength(): number;

  /** Where what follows the header begins in `bytes`. */
  abstract get payloadOffset(): number;
}
