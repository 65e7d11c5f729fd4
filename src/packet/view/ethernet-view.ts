import { ETHERNET_HEADER } from '../layout';
import { read16, write16 } from './bytes';
import { HeaderView } from './header-view';

/** An Ethernet header: two addresses and a type. */
export class EthernetView extends HeaderView {
  at(offset: number, end: number): this {
    this.offset = offset;
    this.end = end;
    return this;
  }

  check(offset: number, end: number): boolean {
    this.offset = offset;
    this.end = end;
    return offset + ETHERNET_HEADER <= end;
  }

  get headerLength(): number {
    return ETHERNET_HEADER;
  }

  get payloadOffset(): number {
    return this.offset + this.headerLength;
  }

  /** Where the destination address begins in `bytes`: 6 bytes. */
  get dstOffset(): number {
    return this.offset;
  }

  /** Where the source address begins in `bytes`: 6 bytes. */
  get srcOffset(): number {
    return this.offset + 6;
  }

  /** Destination address as a number, 0 to 2^48 - 1. */
  get dst(): number {
    return readMac(this.bytes, this.offset);
  }
  set dst(address: number) {
    writeMac(this.bytes, this.offset, address);
  }

  /** Source address as a number, 0 to 2^48 - 1. */
  get src(): number {
    return readMac(this.bytes, this.offset + 6);
  }
  set src(address: number) {
    writeMac(this.bytes, this.offset + 6, address);
  }

  /** EtherType (0x0800 is IPv4); below 1536 the length of an IEEE 802.3 frame. */
  get etherType(): number {
    return read16(this.bytes, this.offset + 12);
  }
  set etherType(type: number) {
    write16(this.bytes, this.offset + 12, type);
  }

  /** Whether the destination is a group or broadcast. */
  get isGroup(): boolean {
    return (this.bytes[this.offset] & 1) !== 0;
  }

  /** Exchanges the two addresses, as whoever answers does. */
  swapAddresses(): void {
    const { bytes, offset } = this;
    for (let k = offset; k < offset + 6; k++) {
      const kept = bytes[k];
      bytes[k] = bytes[k + 6];
      bytes[k + 6] = kept;
    }
  }
}

function readMac(bytes: Uint8Array, at: number): number {
  return read16(bytes, at) * 0x100000000 + ((read16(bytes, at + 2) << 16) >>> 0) + read16(bytes, at + 4);
}

function writeMac(bytes: Uint8Array, at: number, address: number): void {
  write16(bytes, at, address / 0x100000000);
  write16(bytes, at + 2, (address / 0x10000) & 0xffff);
  write16(bytes, at + 4, address & 0xffff);
}
