import { foldSum, sumBytes } from '../checksum';
import { ICMP_HEADER } from '../layout';
import { HeaderView } from './header-view';

/** The header of ICMP (RFC 792) and ICMPv6 (RFC 4443): type, code, checksum, and four bytes whose meaning depends on the type. */
export class IcmpView extends HeaderView {
  at(offset: number, end: number): this {
    this.offset = offset;
    this.end = end;
    return this;
  }

  check(offset: number, end: number): boolean {
    this.offset = offset;
    this.end = end;
    return offset + ICMP_HEADER <= end;
  }

  get headerLength(): number {
    return ICMP_HEADER;
  }

  get payloadOffset(): number {
    return this.offset + this.headerLength;
  }

  /** ICMP: 8 asks for an echo, 0 is one. ICMPv6: 128 and 129. */
  get type(): number {
    return this.bytes[this.offset];
  }
  set type(type: number) {
    this.bytes[this.offset] = type;
  }

  get code(): number {
    return this.bytes[this.offset + 1];
  }
  set code(code: number) {
    this.bytes[this.offset + 1] = code;
  }

  get checksum(): number {
    return this.data.getUint16(this.offset + 2);
  }
  set checksum(checksum: number) {
    this.data.setUint16(this.offset + 2, checksum);
  }

  /** Identifier of an echo. */
  get identifier(): number {
    return this.data.getUint16(this.offset + 4);
  }
  set identifier(id: number) {
    this.data.setUint16(this.offset + 4, id);
  }

  /** Number of an echo. */
  get sequence(): number {
    return this.data.getUint16(this.offset + 6);
  }
  set sequence(sequence: number) {
    this.data.setUint16(this.offset + 6, sequence);
  }

  /** @param pseudoSum 0 for ICMP, that of the IPv6 header for ICMPv6 */
  verify(pseudoSum = 0): boolean {
    return foldSum(sumBytes(this.bytes, this.offset, this.end - this.offset) + pseudoSum) === 0xffff;
  }

  /** @param pseudoSum 0 for ICMP, that of the IPv6 header for ICMPv6 */
  fillChecksum(pseudoSum = 0): void {
    this.data.setUint16(this.offset + 2, 0);
    const sum = sumBytes(this.bytes, this.offset, this.end - this.offset) + pseudoSum;
    this.data.setUint16(this.offset + 2, ~foldSum(sum) & 0xffff);
  }
}
