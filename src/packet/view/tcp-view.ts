import { foldSum, sumBytes } from '../checksum';
import { TCP_HEADER } from '../layout';
import { HeaderView } from './header-view';

/** Bits of {@link TcpView.flags}. */
export const TCP = {
  FIN: 0x01,
  SYN: 0x02,
  RST: 0x04,
  PSH: 0x08,
  ACK: 0x10,
  URG: 0x20,
  ECE: 0x40,
  CWR: 0x80,
  AE: 0x100,
} as const;

/** A TCP header (RFC 9293), with or without options: see {@link parseTcpOptions}. */
export class TcpView extends HeaderView {
  at(offset: number, end: number): this {
    this.offset = offset;
    this.end = end;
    return this;
  }

  check(offset: number, end: number): boolean {
    this.offset = offset;
    this.end = end;
    if (offset + TCP_HEADER > end) return false;
    const header = this.headerLength;
    return header >= TCP_HEADER && offset + header <= end;
  }

  get headerLength(): number {
    return (this.bytes[this.offset + 12] >>> 4) << 2;
  }

  get payloadOffset(): number {
    return this.offset + this.headerLength;
  }

  get srcPort(): number {
    return this.data.getUint16(this.offset);
  }
  set srcPort(port: number) {
    this.data.setUint16(this.offset, port);
  }

  get dstPort(): number {
    return this.data.getUint16(this.offset + 2);
  }
  set dstPort(port: number) {
    this.data.setUint16(this.offset + 2, port);
  }

  /** Sequence number, 0 to 2^32 - 1. */
  get sequence(): number {
    return this.data.getUint32(this.offset + 4);
  }
  set sequence(sequence: number) {
    this.data.setUint32(this.offset + 4, sequence);
  }

  /** Acknowledgment number, 0 to 2^32 - 1. */
  get acknowledgment(): number {
    return this.data.getUint32(this.offset + 8);
  }
  set acknowledgment(acknowledgment: number) {
    this.data.setUint32(this.offset + 8, acknowledgment);
  }

  /** Nine bits, see {@link TCP}. */
  get flags(): number {
    return this.data.getUint16(this.offset + 12) & 0x1ff;
  }
  set flags(flags: number) {
    this.data.setUint16(this.offset + 12, (this.data.getUint16(this.offset + 12) & 0xfe00) | (flags & 0x1ff));
  }

  get window(): number {
    return this.data.getUint16(this.offset + 14);
  }
  set window(window: number) {
    this.data.setUint16(this.offset + 14, window);
  }

  get checksum(): number {
    return this.data.getUint16(this.offset + 16);
  }
  set checksum(checksum: number) {
    this.data.setUint16(this.offset + 16, checksum);
  }

  get urgent(): number {
    return this.data.getUint16(this.offset + 18);
  }
  set urgent(pointer: number) {
    this.data.setUint16(this.offset + 18, pointer);
  }

  /** @param pseudoSum that of the IP header, with the length of this packet */
  verify(pseudoSum: number): boolean {
    return foldSum(sumBytes(this.bytes, this.offset, this.end - this.offset) + pseudoSum) === 0xffff;
  }

  /** @param pseudoSum that of the IP header, with the length of this packet */
  fillChecksum(pseudoSum: number): void {
    this.data.setUint16(this.offset + 16, 0);
    const sum = sumBytes(this.bytes, this.offset, this.end - this.offset) + pseudoSum;
    this.data.setUint16(this.offset + 16, ~foldSum(sum) & 0xffff);
  }
}
