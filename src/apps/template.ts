import type { Port } from '../port';
import type { Ring } from '../ring';
import { foldSum } from '../packet';
import { FIRST_HALF_SHIFT, halfInMemory, lengthAndFlags, networkOrder } from './byte-order';
import { usesOffsets } from './tx-ring';

/** Words of a frame: the one with the UDP checksum and the generator's magic, and the one with the sequence number. */
const CHECKSUM_WORD = 10;
const SEQUENCE_WORD = 11;

const SLOT_WORDS = 4;

/** Up to so many words a loop copies faster than `set`. */
const LOOP_LIMIT = 48;

/** Numbers whose words differ in one byte only. */
const BLOCK = 256;
/** What 1 is in a number in network order, and in a checksum of two bytes. */
const NUMBER_STEP = networkOrder(1);
const CHECKSUM_STEP = halfInMemory(1);

/**
 * Puts numbered copies of one frame into a tx ring, at the price of a few stores per packet: the frame is copied once into
 * each buffer of the ring, and from then on only what differs is written.
 *
 * The frame is one that a `SequenceStamp` was made for, so that it carries number 0 and a checksum that goes with it. What
 * that class computes anew for any number is cheaper for numbers in a row: adding 1 to the number adds 1 to the ones'
 * complement sum, so each checksum is the one before less 1, modulo 65535; and that holds for swapped bytes as well
 * (RFC 1071, section 2 B). So both words are kept as they are stored, and two additions make the next packet.
 */
export class Template {
  private readonly ring: Ring;
  private readonly port: Port;
  private readonly frame: Uint8Array;
  private readonly words: Uint32Array;
  /** Whether what was in a buffer may be gone when it comes back. */
  private readonly travels: boolean;
  /** Checksum of the frame with number 0. */
  private readonly checksum: number;
  private readonly magicWord: number;
  private readonly lengthWord: number;
  private readonly bufferWord: number;
  private readonly bufferWords: number;
  private readonly u32: Uint32Array;
  private readonly slotBase: number;

  /** @param frame At most as long as a buffer; it must not change any more */
  constructor(ring: Ring, frame: Uint8Array) {
    const { port, bufSize } = ring;
    this.ring = ring;
    this.port = port;
    this.frame = frame;
    this.u32 = port.u32;
    this.slotBase = ring.slotBase;
    // Whole words: what lies behind the end of a frame is nobody's.
    const padded = new Uint8Array((frame.length + 3) & ~3);
    padded.set(frame);
    this.words = new Uint32Array(padded.buffer);
    const { words } = this;
    const fields = networkOrder(words[CHECKSUM_WORD]);
    this.checksum = fields >>> 16;
    this.magicWord = networkOrder(fields & 0xffff);
    if (words[SEQUENCE_WORD] !== 0) throw new RangeError('the frame must carry number 0');
    this.lengthWord = lengthAndFlags(frame.length, 0);
    this.bufferWord = port.bufferOffset(2) / 4 - (2 * bufSize) / 4;
    this.bufferWords = bufSize / 4;
    this.travels = travels(port);
    if (!this.travels) this.copyInto(0, ring.numSlots);
  }

  /** Whether frames for this ring can be made here: in one slot, and at the start of its buffer. */
  static fits(ring: Ring, frame: Uint8Array): boolean {
    return frame.length <= ring.bufSize && !usesOffsets(ring);
  }

  /** Fills `count` slots from slot `from` on with the frame, numbered from `sequence` (modulo 2^32). */
  fill(from: number, count: number, sequence: number): void {
    const { numSlots } = this.ring;
    let slot = from;
    let number = sequence | 0;
    for (let left = count; left > 0;) {
      const run = Math.min(left, numSlots - slot, BLOCK - (number & (BLOCK - 1)));
      if (this.travels) this.copyInto(slot, run);
      this.fillRun(slot, run, number);
      slot = slot + run === numSlots ? 0 : slot + run;
      number = (number + run) | 0;
      left -= run;
    }
  }

  /**
   * Slots in a row, numbers of one block. Everything that goes round is an integer of 32 bits, and `| 0` says so: as doubles
   * they would cost twice the time.
   */
  private fillRun(from: number, count: number, first: number): void {
    const { u32, magicWord, lengthWord, bufferWord, bufferWords } = this;
    const start = (this.slotBase + SLOT_WORDS * from) | 0;
    const end = (start + SLOT_WORDS * count) | 0;
    let numberWord = networkOrder(first);
    let checksum = halfInMemory(this.checksumOf(first));
    for (let at = start; at < end; at += SLOT_WORDS) {
      const index = u32[at];
      const word = (bufferWord + Math.imul(index, bufferWords)) | 0;
      u32[word + CHECKSUM_WORD] = (checksum << FIRST_HALF_SHIFT) | magicWord;
      u32[word + SEQUENCE_WORD] = numberWord;
      u32[at + 1] = lengthWord;
      numberWord = (numberWord + NUMBER_STEP) | 0;
      checksum -= CHECKSUM_STEP;
      if (checksum <= 0) checksum += 0xffff; // never 0, which would say that there is no checksum
    }
  }

  /** The checksum of the frame with this number. */
  private checksumOf(number: number): number {
    const sum = (~this.checksum & 0xffff) + (number >>> 16) + (number & 0xffff);
    return ~foldSum(sum) & 0xffff || 0xffff;
  }

  /** Copies the frame into the buffers of slots in a row. */
  private copyInto(from: number, count: number): void {
    const { port, ring, u32, words } = this;
    for (let slot = from; slot < from + count; slot++) {
      const word = port.bufferOffset(ring.bufferIndex(slot)) / 4; // an index from a peer that plays tricks ends here
      if (words.length > LOOP_LIMIT) port.u8.set(this.frame, 4 * word);
      else for (let k = 0; k < words.length; k++) u32[word + k] = words[k];
    }
  }
}

/**
 * Buffers stay in the slots of a tx ring, with what was written into them: all but those of pipes, which are handed over to
 * whoever reads at the other end, and come back as that leaves them.
 */
function travels(port: Port): boolean {
  return /[{}]/.test(port.name);
}
