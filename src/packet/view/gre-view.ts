import { GRE_HEADER } from '../layout';
import { HeaderView } from './header-view';

/** A GRE header (RFC 2784, with the key and sequence number of RFC 2890). */
export class GreView extends HeaderView {
  at(offset: number, end: number): this {
    this.offset = offset;
    this.end = end;
    return this;
  }

  check(offset: number, end: number): boolean {
    this.offset = offset;
    this.end = end;
    return offset + GRE_HEADER <= end && this.version === 0 && offset + this.headerLength <= end;
  }

  get headerLength(): number {
    const flags = this.bytes[this.offset];
    return GRE_HEADER + ((flags & 0x80) >>> 5) + ((flags & 0x20) >>> 3) + ((flags & 0x10) >>> 2);
  }

  get payloadOffset(): number {
    return this.offset + this.headerLength;
  }

  get version(): number {
    return this.bytes[this.offset + 1] & 7;
  }

  get hasChecksum(): boolean {
    return (this.bytes[this.offset] & 0x80) !== 0;
  }

  get hasKey(): boolean {
    return (this.bytes[this.offset] & 0x20) !== 0;
  }

  get hasSequence(): boolean {
    return (this.bytes[this.offset] & 0x10) !== 0;
  }

  /** EtherType of what follows; 0x6558 is an Ethernet frame. */
  get protocol(): number {
    return this.data.getUint16(this.offset + 2);
  }
  set protocol(type: number) {
    this.data.setUint16(this.offset + 2, type);
  }

  /** Key, 0 when there is none. */
  get key(): number {
    return this.hasKey ? this.data.getUint32(this.offset + GRE_HEADER + (this.hasChecksum ? 4 : 0)) : 0;
  }

  /** Sequence number, 0 when there is none. */
  get sequence(): number {
    return this.hasSequence ? this.data.getUint32(this.offset + this.headerLength - 4) : 0;
  }
}
