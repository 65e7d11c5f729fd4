import { sumBytes } from '../checksum';
import { IPV6_HEADER } from '../layout';
import { HeaderView } from './header-view';

/** An IPv6 header (RFC 8200) without its extension headers: see {@link skipExtensions}. */
export class Ipv6View extends HeaderView {
  at(offset: number, end: number): this {
    this.offset = offset;
    this.end = end;
    return this;
  }

  check(offset: number, end: number): boolean {
    this.offset = offset;
    this.end = end;
    return offset + IPV6_HEADER <= end && this.bytes[offset] >>> 4 === 6;
  }

  get headerLength(): number {
    return IPV6_HEADER;
  }

  get payloadOffset(): number {
    return this.offset + this.headerLength;
  }

  /** Where the packet ends in `bytes`: Ethernet padding and bytes that a capture has cut are not counted. */
  get packetEnd(): number {
    const end = this.offset + IPV6_HEADER + this.payloadLength;
    return end < this.end ? end : this.end;
  }

  /** Traffic class: DSCP and ECN, 0 to 255. */
  get trafficClass(): number {
    return (this.data.getUint16(this.offset) >>> 4) & 0xff;
  }
  set trafficClass(trafficClass: number) {
    this.data.setUint16(this.offset, (this.data.getUint16(this.offset) & 0xf00f) | ((trafficClass & 0xff) << 4));
  }

  /** Flow label, 0 to 2^20 - 1. */
  get flowLabel(): number {
    return this.data.getUint32(this.offset) & 0xfffff;
  }
  set flowLabel(label: number) {
    this.data.setUint32(this.offset, (this.data.getUint32(this.offset) & 0xfff00000) | (label & 0xfffff));
  }

  /** Bytes behind this header, extension headers included. */
  get payloadLength(): number {
    return this.data.getUint16(this.offset + 4);
  }
  set payloadLength(length: number) {
    this.data.setUint16(this.offset + 4, length);
  }

  /** Protocol number of what follows, an extension header perhaps. */
  get nextHeader(): number {
    return this.bytes[this.offset + 6];
  }
  set nextHeader(protocol: number) {
    this.bytes[this.offset + 6] = protocol;
  }

  get hopLimit(): number {
    return this.bytes[this.offset + 7];
  }
  set hopLimit(limit: number) {
    this.bytes[this.offset + 7] = limit;
  }

  /** Where the source address begins in `bytes`: 16 bytes. */
  get srcOffset(): number {
    return this.offset + 8;
  }

  /** Where the destination address begins in `bytes`: 16 bytes. */
  get dstOffset(): number {
    return this.offset + 24;
  }

  /**
   * Sum of the pseudo header (RFC 8200, section 8.1): what the checksums of UDP, TCP and ICMPv6 cover beside their own bytes.
   *
   * @param protocol of the packet behind all extension headers
   * @param length bytes of that packet
   */
  pseudoSum(protocol: number, length: number): number {
    return sumBytes(this.bytes, this.offset + 8, 32) + protocol + length;
  }
}
