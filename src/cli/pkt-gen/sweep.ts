import { parseIpv4 } from '../../packet/ipv4';
import { parseIpv6 } from '../../packet/ipv6';
import { updateChecksum, updateChecksum32 } from '../../packet/checksum';
import { read16, read32, write16, write32 } from '../../packet/view/bytes';
import type { PktGenOptions } from './options';
import type { AddressRange } from './ranges';

/** A port, an IPv4 address, or one group of an IPv6 address. */
interface Counter {
  /** From the Ethernet header on. */
  at: number;
  width: 2 | 4;
  from: number;
  to: number;
  value: number;
  /** Covered by the checksum of the IPv4 header. */
  inHeader: boolean;
}

interface Side {
  random: boolean;
  /** Port, address: that order is the one in which they go on. */
  counters: Counter[];
}

const IP_SUM = 24;

/**
 * Ports and addresses that go on from packet to packet where the generator's own fields do not reach: in packets whose headers are
 * cut off, behind a virtio-net header, in any group of an IPv6 address.
 */
export class Sweep {
  /** Whether anything differs at all. */
  readonly varies: boolean;
  private readonly sides: Side[];
  private readonly isV6: boolean;
  private state: number;

  constructor({ src, dst, isV6, randomSrc, randomDst }: PktGenOptions, index: number) {
    this.isV6 = isV6;
    this.state = (0x9e3779b9 + index) >>> 0;
    const ip = isV6 ? [22, 38] : [26, 30];
    const ports = isV6 ? 54 : 34;
    this.sides = [
      { random: randomSrc, counters: [portOf(src, ports), addressOf(src, ip[0], isV6, src.group)] },
      { random: randomDst, counters: [portOf(dst, ports + 2), addressOf(dst, ip[1], isV6, dst.lastGroup)] },
    ];
    const differs = ({ random, counters }: Side) => random || counters.some(({ from, to }) => from !== to);
    this.varies = this.sides.some(differs);
  }

  /** Puts this packet's values into a frame whose Ethernet header begins at `u8[at]` and that ends after `length` bytes; goes on. */
  write(u8: Uint8Array, at: number, length: number): void {
    for (const { counters } of this.sides) for (const counter of counters) this.put(u8, at, length, counter);
    this.advance();
  }

  /** Ports go first, then addresses; those of the destination go on when the source has been through. */
  private advance(): void {
    for (const { random, counters } of this.sides) {
      for (const counter of counters) {
        if (random) {
          counter.value = this.random() & (counter.width === 2 ? 0xffff : 0xffffffff);
          counter.value >>>= 0;
        } else if (counter.value < counter.to) {
          counter.value++;
          return;
        } else {
          counter.value = counter.from;
        }
      }
    }
  }

  private put(u8: Uint8Array, base: number, length: number, { at, width, value, inHeader }: Counter): void {
    if (at + width > length) return;
    const before = width === 2 ? read16(u8, base + at) : read32(u8, base + at);
    if (before === value) return;
    if (width === 2) write16(u8, base + at, value);
    else write32(u8, base + at, value);
    const update = width === 2 ? updateChecksum : updateChecksum32;
    if (inHeader && length >= IP_SUM + 2) {
      write16(u8, base + IP_SUM, update(read16(u8, base + IP_SUM), before, value));
    }
    const sumAt = this.isV6 ? 60 : 40;
    if (length < sumAt + 2) return;
    // 0 would mean that there is no checksum.
    write16(u8, base + sumAt, update(read16(u8, base + sumAt), before, value) || 0xffff);
  }

  /** xorshift32 */
  private random(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return this.state;
  }
}

function portOf({ firstPort, lastPort }: AddressRange, at: number): Counter {
  return { at, width: 2, from: firstPort, to: lastPort, value: firstPort, inHeader: false };
}

function addressOf({ first, last }: AddressRange, at: number, isV6: boolean, group: number): Counter {
  if (!isV6) {
    const [from, to] = [parseIpv4(first), parseIpv4(last)];
    return { at, width: 4, from, to, value: from, inHeader: true };
  }
  const [from, to] = [first, last].map((address) => read16(parseIpv6(address), 2 * group));
  return { at: at + 2 * group, width: 2, from, to: Math.max(from, to), value: from, inHeader: false };
}
