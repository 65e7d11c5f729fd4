import { foldSum, sumBytes, updateChecksum, updateChecksum32 } from '../checksum';
import { IPV4_HEADER } from '../layout';
import { read16 } from './bytes';
import { HeaderView } from './header-view';

/** An IPv4 header (RFC 791), with or without options. */
export class Ipv4View extends HeaderView {
  at(offset: number, end: number): this {
    this.offset = offset;
    this.end = end;
    return this;
  }

  check(offset: number, end: number): boolean {
    this.offset = offset;
    this.end = end;
    const { bytes } = this;
    if (offset + IPV4_HEADER > end) return false;
    const first = bytes[offset];
    const header = (first & 0x0f) << 2;
    const total = read16(bytes, offset + 2);
    return first >>> 4 === 4 && header >= IPV4_HEADER && total >= header && offset + header <= end;
  }

  get headerLength(): number {
    return (this.bytes[this.offset] & 0x0f) << 2;
  }

  get payloadOffset(): number {
    return this.offset + this.headerLength;
  }

  /** Where the packet ends in `bytes`: Ethernet padding and bytes that a capture has cut are not counted. */
  get packetEnd(): number {
    const end = this.offset + this.totalLength;
    return end < this.end ? end : this.end;
  }

  /** Differentiated services code point, 0 to 63. */
  get dscp(): number {
    return this.bytes[this.offset + 1] >>> 2;
  }
  set dscp(dscp: number) {
    this.bytes[this.offset + 1] = (this.bytes[this.offset + 1] & 3) | (dscp << 2);
  }

  /** Explicit congestion notification, 0 to 3. */
  get ecn(): number {
    return this.bytes[this.offset + 1] & 3;
  }
  set ecn(ecn: number) {
    this.bytes[this.offset + 1] = (this.bytes[this.offset + 1] & 0xfc) | (ecn & 3);
  }

  /** Bytes of header and payload. */
  get totalLength(): number {
    return this.data.getUint16(this.offset + 2);
  }
  set totalLength(length: number) {
    this.data.setUint16(this.offset + 2, length);
  }

  get identification(): number {
    return this.data.getUint16(this.offset + 4);
  }
  set identification(id: number) {
    this.data.setUint16(this.offset + 4, id);
  }

  get dontFragment(): boolean {
    return (this.bytes[this.offset + 6] & 0x40) !== 0;
  }

  get moreFragments(): boolean {
    return (this.bytes[this.offset + 6] & 0x20) !== 0;
  }

  /** Where this fragment belongs in the packet, in bytes. */
  get fragmentOffset(): number {
    return (this.data.getUint16(this.offset + 6) & 0x1fff) << 3;
  }

  /** Whether the packet is only a part of one. */
  get isFragment(): boolean {
    return (this.data.getUint16(this.offset + 6) & 0x3fff) !== 0;
  }

  get ttl(): number {
    return this.bytes[this.offset + 8];
  }
  set ttl(ttl: number) {
    this.bytes[this.offset + 8] = ttl;
  }

  /** Protocol number of what follows: 1 ICMP, 6 TCP, 17 UDP, 47 GRE. */
  get protocol(): number {
    return this.bytes[this.offset + 9];
  }
  set protocol(protocol: number) {
    this.bytes[this.offset + 9] = protocol;
  }

  get checksum(): number {
    return this.data.getUint16(this.offset + 10);
  }
  set checksum(checksum: number) {
    this.data.setUint16(this.offset + 10, checksum);
  }

  /** Source address, 0 to 2^32 - 1. */
  get src(): number {
    return this.data.getUint32(this.offset + 12);
  }
  set src(address: number) {
    this.data.setUint32(this.offset + 12, address);
  }

  /** Destination address, 0 to 2^32 - 1. */
  get dst(): number {
    return this.data.getUint32(this.offset + 16);
  }
  set dst(address: number) {
    this.data.setUint32(this.offset + 16, address);
  }

  /** Whether the header checksum holds. */
  verify(): boolean {
    return sumBytes(this.bytes, this.offset, this.headerLength) === 0xffff;
  }

  /** Computes the header checksum and stores it. */
  fillChecksum(): void {
    const { bytes, offset } = this;
    const sum = sumBytes(bytes, offset, this.headerLength) + (~this.checksum & 0xffff);
    this.checksum = ~foldSum(sum) & 0xffff;
  }

  /** One hop less, the checksum kept right without summing anew (RFC 1624). */
  decrementTtl(): void {
    const { data, offset } = this;
    const before = data.getUint16(offset + 8);
    this.ttl--;
    this.checksum = updateChecksum(this.checksum, before, data.getUint16(offset + 8));
  }

  /**
   * Sum of the pseudo header (RFC 768): what the checksums of UDP and TCP cover beside their own bytes.
   *
   * @param length bytes of the UDP or TCP packet
   */
  pseudoSum(length: number): number {
    return sumBytes(this.bytes, this.offset + 12, 8) + this.bytes[this.offset + 9] + length;
  }

  /** Another source address, the header checksum kept right. The checksum behind it is not: see `PacketView`. */
  replaceSrc(address: number): void {
    this.checksum = updateChecksum32(this.checksum, this.src, address);
    this.src = address;
  }

  /** Another destination address, the header checksum kept right. The checksum behind it is not: see `PacketView`. */
  replaceDst(address: number): void {
    this.checksum = updateChecksum32(this.checksum, this.dst, address);
    this.dst = address;
  }
}
