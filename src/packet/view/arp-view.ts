import { read16 } from './bytes';
import { HeaderView } from './header-view';
import { ARP_IPV4, TYPE_IPV4 } from '../layout';

/** An ARP packet for IPv4 on Ethernet (RFC 826). */
export class ArpView extends HeaderView {
  at(offset: number, end: number): this {
    this.offset = offset;
    this.end = end;
    return this;
  }

  check(offset: number, end: number): boolean {
    this.offset = offset;
    this.end = end;
    if (offset + ARP_IPV4 > end) return false;
    const { bytes } = this;
    return (
      read16(bytes, offset) === 1 && read16(bytes, offset + 2) === TYPE_IPV4 && read16(bytes, offset + 4) === 0x0604
    );
  }

  get headerLength(): number {
    return ARP_IPV4;
  }

  get payloadOffset(): number {
    return this.offset + this.headerLength;
  }

  /** 1 asks, 2 answers. */
  get operation(): number {
    return this.data.getUint16(this.offset + 6);
  }
  set operation(operation: number) {
    this.data.setUint16(this.offset + 6, operation);
  }

  /** Where the sender's MAC address begins in `bytes`. */
  get senderMacOffset(): number {
    return this.offset + 8;
  }

  /** Sender's IPv4 address, 0 to 2^32 - 1. */
  get senderIp(): number {
    return this.data.getUint32(this.offset + 14);
  }
  set senderIp(address: number) {
    this.data.setUint32(this.offset + 14, address);
  }

  /** Where the target's MAC address begins in `bytes`. */
  get targetMacOffset(): number {
    return this.offset + 18;
  }

  /** Target's IPv4 address, 0 to 2^32 - 1. */
  get targetIp(): number {
    return this.data.getUint32(this.offset + 24);
  }
  set targetIp(address: number) {
    this.data.setUint32(this.offset + 24, address);
  }
}
