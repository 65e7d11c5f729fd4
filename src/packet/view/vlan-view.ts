import { VLAN_TAG } from '../layout';
import { HeaderView } from './header-view';

/**
 * A VLAN tag (IEEE 802.1Q), from behind the type that announced it (0x8100, or 0x88a8 for the outer tag of QinQ): what it
 * says, and the type of what follows.
 */
export class VlanView extends HeaderView {
  at(offset: number, end: number): this {
    this.offset = offset;
    this.end = end;
    return this;
  }

  check(offset: number, end: number): boolean {
    this.offset = offset;
    this.end = end;
    return offset + VLAN_TAG <= end;
  }

  get headerLength(): number {
    return VLAN_TAG;
  }

  get payloadOffset(): number {
    return this.offset + this.headerLength;
  }

  /** VLAN id, 0 to 4095. */
  get id(): number {
    return this.data.getUint16(this.offset) & 0xfff;
  }
  set id(id: number) {
    this.data.setUint16(this.offset, (this.data.getUint16(this.offset) & 0xf000) | (id & 0xfff));
  }

  /** Priority code point, 0 to 7. */
  get priority(): number {
    return this.bytes[this.offset] >>> 5;
  }
  set priority(priority: number) {
    this.bytes[this.offset] = (this.bytes[this.offset] & 0x1f) | (priority << 5);
  }

  /** Whether the frame may be dropped first (DEI). */
  get dropEligible(): boolean {
    return (this.bytes[this.offset] & 0x10) !== 0;
  }
  set dropEligible(eligible: boolean) {
    this.bytes[this.offset] = (this.bytes[this.offset] & ~0x10) | (eligible ? 0x10 : 0);
  }

  /** EtherType of what follows. */
  get etherType(): number {
    return this.data.getUint16(this.offset + 2);
  }
  set etherType(type: number) {
    this.data.setUint16(this.offset + 2, type);
  }
}
