/**
 * Bodies of control requests and options, in the host's byte order (sizes and offsets: native/abi/request.h, option.h).
 */

import { endianness } from 'node:os';
import { OPT } from './constants';

const LE = endianness() === 'LE';

/** A body under construction or being read. */
export class Body {
  readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }
  u16(at: number): number {
    return this.view.getUint16(at, LE);
  }
  u32(at: number): number {
    return this.view.getUint32(at, LE);
  }
  u64(at: number): number {
    return Number(this.view.getBigUint64(at, LE));
  }
  setU16(at: number, value: number): void {
    this.view.setUint16(at, value, LE);
  }
  setU32(at: number, value: number): void {
    this.view.setUint32(at, value, LE);
  }
  setU64(at: number, value: number): void {
    this.view.setBigUint64(at, BigInt(value), LE);
  }
}

/** Ring and slot counts, as wanted and as obtained; 0 = the device's default. */
export interface Counts {
  txSlots: number;
  rxSlots: number;
  txRings: number;
  rxRings: number;
  hostTxRings: number;
  hostRxRings: number;
}

export interface RegisterFields extends Counts {
  memId: number;
  ringId: number;
  mode: number;
  extraBuffers: number;
  flags: number;
}

/** `nmreq_register` */
export class RegisterBody extends Body {
  constructor(fields: RegisterFields) {
    super(56);
    this.setU32(16, fields.txSlots);
    this.setU32(20, fields.rxSlots);
    this.setU16(24, fields.txRings);
    this.setU16(26, fields.rxRings);
    this.setU16(28, fields.hostTxRings);
    this.setU16(30, fields.hostRxRings);
    this.setU16(32, fields.memId);
    this.setU16(34, fields.ringId);
    this.setU32(36, fields.mode);
    this.setU32(40, fields.extraBuffers);
    this.setU64(48, fields.flags);
  }
  /** Byte offset of the `netmap_if` in the region. */
  get offset(): number {
    return this.u64(0);
  }
  get memSize(): number {
    return this.u64(8);
  }
  get memId(): number {
    return this.u16(32);
  }
  get extraBuffers(): number {
    return this.u32(40);
  }
}

/** `nmreq_port_info_get` */
export class PortInfoBody extends Body {
  constructor(memId = 0) {
    super(32);
    this.setU16(24, memId);
  }
  get memSize(): number {
    return this.u64(0);
  }
  get counts(): Counts {
    return {
      txSlots: this.u32(8),
      rxSlots: this.u32(12),
      txRings: this.u16(16),
      rxRings: this.u16(18),
      hostTxRings: this.u16(20),
      hostRxRings: this.u16(22),
    };
  }
  get memId(): number {
    return this.u16(24);
  }
}

export interface Pool {
  count: number;
  size: number;
}

/** Objects of one kind in a memory region. */
export interface PoolPlace extends Pool {
  /** Byte offset of the first in the region. */
  offset: number;
  /** How many there can be. */
  count: number;
  /** Bytes of each. */
  size: number;
}

/** `nmreq_pools_info` */
export class PoolsInfoBody extends Body {
  constructor(memId = 0) {
    super(64);
    this.setU16(8, memId);
  }
  get memId(): number {
    return this.u16(8);
  }
  get memSize(): number {
    return this.u64(0);
  }
  get interfaces(): PoolPlace {
    return this.pool(16);
  }
  get rings(): PoolPlace {
    return this.pool(32);
  }
  get buffers(): PoolPlace {
    return this.pool(48);
  }
  private pool(at: number): PoolPlace {
    return { offset: this.u64(at), count: this.u32(at + 8), size: this.u32(at + 12) };
  }
}

/** An option: begins with `nmreq_option`. */
class Option extends Body {
  constructor(type: number, size: number) {
    super(size);
    this.setU32(8, type);
  }
  /** 0 or the errno of this option. */
  get status(): number {
    return this.u32(12);
  }
}

/** `nmreq_opt_offsets`: payloads start `initial` bytes into their buffers, and at most `max`. */
export class OffsetsOption extends Option {
  constructor(initial: number, max: number, bits: number) {
    super(OPT.OFFSETS, 56);
    this.setU64(24, max);
    this.setU64(32, initial);
    this.setU32(40, bits);
  }
  /** What the rings take: more than was asked for, if they were in use. */
  get max(): number {
    return this.u64(24);
  }
}

/** Numbers of objects and their sizes in bytes; 0 = the device's default. */
export interface PoolSizes {
  ifNum: number;
  ifSize: number;
  ringNum: number;
  ringSize: number;
  bufNum: number;
  bufSize: number;
}

/** `nmreq_opt_extmem`: a region in memory that was lent to the device before, which puts in where and how large it is. */
export class ExtmemOption extends Option {
  constructor(sizes: PoolSizes) {
    super(OPT.EXTMEM, 96);
    this.setU32(56, sizes.ifNum);
    this.setU32(60, sizes.ifSize);
    this.setU32(72, sizes.ringNum);
    this.setU32(76, sizes.ringSize);
    this.setU32(88, sizes.bufNum);
    this.setU32(92, sizes.bufSize);
  }
  get memSize(): number {
    return this.u64(32);
  }
}
