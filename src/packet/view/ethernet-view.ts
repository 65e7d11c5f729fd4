import { ETHERNET_HEADER } from '../layout';
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
    return readMac(this.data, this.offset);
  }
  set dst(address: number) {
    writeMac(this.data, this.offset, address);
  }

  /** Source address as a number, 0 to 2^48 - 1. */
  get src(): number {
    return readMac(this.data, this.offset + 6);
  }
  set src(address: number) {
    writeMac(this.data, this.offset + 6, address);
  }

  /** EtherType (0x0800 is IPv4); below 1536 the length of an IEEE 802.3 frame. */
  get etherType(): number {
    return this.data.getUint16(this.offset + 12);
  }
  set etherType(type: number) {
    this.data.setUint16(this.offset + 12, type);
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

function readMac(data: DataView, at: number): number {
  return data.getUint16(at) * 0x100000000 + data.getUint32(at + 2);
}

function writeMac(data: DataView, at: number, address: number): void {
  data.setUint16(at, address / 0x100000000);
  data.setUint32(at + 2, address);
}
