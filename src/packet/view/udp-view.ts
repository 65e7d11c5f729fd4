import { foldSum, sumBytes } from '../checksum';
import { UDP_HEADER } from '../layout';
import { HeaderView } from './header-view';

/** A UDP header (RFC 768). */
export class UdpView extends HeaderView {
  at(offset: number, end: number): this {
    this.offset = offset;
    this.end = end;
    return this;
  }

  check(offset: number, end: number): boolean {
    this.offset = offset;
    this.end = end;
    return offset + UDP_HEADER <= end && this.length >= UDP_HEADER;
  }

  get headerLength(): number {
    return UDP_HEADER;
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

  /** Bytes of header and payload. */
  get length(): number {
    return this.data.getUint16(this.offset + 4);
  }
  set length(length: number) {
    this.data.setUint16(this.offset + 4, length);
  }

  /** 0 says that there is none. */
  get checksum(): number {
    return this.data.getUint16(this.offset + 6);
  }
  set checksum(checksum: number) {
    this.data.setUint16(this.offset + 6, checksum);
  }

  /** Whether the checksum holds; a packet without one passes in IPv4. The whole packet must be there. */
  verify(pseudoSum: number): boolean {
    return this.checksum === 0 || foldSum(sumBytes(this.bytes, this.offset, this.length) + pseudoSum) === 0xffff;
  }

  /** @param pseudoSum that of the IP header, with the length of this packet */
  fillChecksum(pseudoSum: number): void {
    this.data.setUint16(this.offset + 6, 0);
    const sum = foldSum(sumBytes(this.bytes, this.offset, this.length) + pseudoSum);
    this.data.setUint16(this.offset + 6, ~sum & 0xffff || 0xffff);
  }
}
