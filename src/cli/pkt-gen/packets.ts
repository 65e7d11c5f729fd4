import { readFrames, type GeneratorOptions, type Variation, type Vary } from '../../apps';
import { udp } from '../../packet';
import { ipv6OfNumber } from '../../packet/ipv6';
import { parseFieldValue } from '../../packet/field';
import type { PktGenOptions } from './options';
import type { AddressRange } from './ranges';

const PAYLOAD = (how: string) => `netmap pkt-gen ${how} payload\nhttp://info.iet.unipi.it/~luigi/netmap/ `;
/** Low delay. */
const DSCP = 4;

/** Bytes of all headers. */
export function headerBytes(isV6: boolean): number {
  return isV6 ? 62 : 42;
}

/** The packets of a run, as options of a generator. */
export function packetsOf(options: PktGenOptions, index: number, header: number): GeneratorOptions {
  const { file, size, leastSize, fragments, fragmentSize } = options;
  const frames =
    file !== undefined
      ? readFrames(file, 1)
      : leastSize > 0 && leastSize < size
        ? shuffled(Array.from({ length: size - leastSize }, (_, k) => frameOf(options, leastSize + k)))
        : [frameOf(options, size)];
  const template = frames.map((frame) => Buffer.concat([Buffer.alloc(header), frame]));
  const longest = Math.max(...template.map(({ length }) => length));
  const fragment = Math.min(fragments > 1 ? Math.ceil(longest / fragments) : Infinity, fragmentSize || Infinity);
  return {
    template,
    // What is behind a virtio-net header, or short of its own headers, is sent as it is.
    vary: header > 0 || file !== undefined || size < headerBytes(options.isV6) ? {} : vary(options),
    seed: 1 + index,
    fragment: fragment === Infinity ? undefined : fragment,
  };
}

/** A UDP packet with the text of pkt-gen, of so many bytes in all; a frame that is too short for its headers is cut off. */
function frameOf({ isV6, src, dst, srcMac, dstMac, indirect }: PktGenOptions, size: number): Uint8Array {
  const text = PAYLOAD(indirect ? 'indirect' : 'DIRECT');
  const room = Math.max(0, size - headerBytes(isV6));
  const payload = text.repeat(Math.ceil(room / text.length)).slice(0, room);
  const common = { srcMac, dstMac, payload, srcPort: src.firstPort, dstPort: dst.firstPort };
  const frame = isV6
    ? udp({ ...common, version: 6, srcIp: src.first, dstIp: dst.first })
    : udp({ ...common, srcIp: src.first, dstIp: dst.first, dscp: DSCP });
  return frame.subarray(0, size);
}

/** Ports go first, then addresses; those of the destination go on when the source has been through. */
function vary({ src, dst, isV6, randomSrc, randomDst }: PktGenOptions): Vary {
  const fields: Vary = {};
  const add = (name: 'srcPort' | 'srcIp' | 'dstPort' | 'dstIp', how: Variation) => {
    const nested = Object.values(fields).some((field) => typeof field === 'object' && !field.random);
    fields[name] = how.random ? how : { ...how, nested };
  };
  for (const [range, random, ip, port] of [
    [src, randomSrc, 'srcIp', 'srcPort'],
    [dst, randomDst, 'dstIp', 'dstPort'],
  ] as const) {
    if (random) {
      add(port, { from: 0, to: 0xffff, random });
      add(ip, isV6 ? { ...group(range, 0n, 0xffffn), random } : { from: '0.0.0.0', to: '255.255.255.255', random });
      continue;
    }
    if (range.firstPort !== range.lastPort) add(port, { from: range.firstPort, to: range.lastPort });
    if (range.first === range.last) continue;
    add(ip, isV6 ? group(range) : { from: range.first, to: range.last });
  }
  return fields;
}

/** Of an IPv6 address one group of 16 bits varies, from that of the first to that of the last. */
function group({ first, last, group: index, text }: AddressRange, from?: bigint, to?: bigint) {
  const shift = BigInt(16 * (7 - index));
  if (index < 6) throw new RangeError(`'${text}': only groups 6 and 7 of an IPv6 address can vary`);
  const start = parseFieldValue('srcIp', first);
  const part = (address: string) => (parseFieldValue('srcIp', address) >> shift) & 0xffffn;
  const [low, high] = [from ?? part(first), to ?? part(last)];
  const base = start - (part(first) << shift);
  const [a, b] = low <= high ? [low, high] : [high, low];
  return {
    from: ipv6OfNumber(base + (a << shift)),
    to: ipv6OfNumber(base + (b << shift)),
    step: index === 7 ? 1 : 65536,
  };
}

/** In another order, the same one each time (xorshift32). */
function shuffled<T>(list: T[]): T[] {
  let state = 0x2545f491;
  for (let k = list.length - 1; k > 0; k--) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const other = (state >>> 0) % (k + 1);
    [list[k], list[other]] = [list[other], list[k]];
  }
  return list;
}
