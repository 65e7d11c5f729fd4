import { VXLAN_HEADER } from '../layout';
import { HeaderView } from './header-view';

/** A VXLAN header (RFC 7348): behind UDP port 4789, with an Ethernet frame behind it. */
export class VxlanView extends HeaderView {
  at(offset: number, end: number): this {
    this.offset = offset;
    this.end = end;
    return this;
  }

  check(offset: number, end: number): boolean {
    this.offset = offset;
    this.end = end;
    return offset + VXLAN_HEADER <= end;
  }

  get headerLength(): number {
    return VXLAN_HEADER;
  }

  get payloadOffset(): number {
    return this.offset + this.headerLength;
  }

  /** Flags; 0x08 says that the network identifier counts. */
  get flags(): number {
    return this.bytes[this.offset];
  }
  set flags(flags: number) {
    this.bytes[this.offset] = flags;
  }

  /** Network identifier (VNI), 0 to 2^24 - 1. */
  get vni(): number {
    return this.data.getUint32(this.offset + 4) >>> 8;
  }
  set vni(vni: number) {
    this.data.setUint32(this.offset + 4, (vni << 8) | this.bytes[this.offset + 7]);
  }
}
