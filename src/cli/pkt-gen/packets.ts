import type { FrameHook, GeneratorOptions, Variation, Vary } from '../../apps';
import { readFrames } from '../../apps/generator';
import { udp } from '../../packet/build';
import { internetChecksum } from '../../packet/checksum';
import { write16 } from '../../packet/view/bytes';
import type { PktGenOptions } from './options';
import { Sweep } from './sweep';

const PAYLOAD = (how: string) => `netmap pkt-gen ${how} payload\nhttp://info.iet.unipi.it/~luigi/netmap/ `;
/** Low delay. */
const DSCP = 4;
const ETHERNET = 14;
const IPV4 = 20;
const IPV6 = 40;

/** Bytes of all headers. */
export function headerBytes(isV6: boolean): number {
  return isV6 ? 62 : 42;
}

/** The packets of a run, as options of a generator; what its fields cannot do, a hook does. */
export function packetsOf(options: PktGenOptions, index: number, header: number): GeneratorOptions {
  const { file, size, leastSize, fragments, fragmentSize, isV6 } = options;
  const frames =
    file !== undefined
      ? readFrames(file, 1)
      : leastSize > 0 && leastSize < size
        ? shuffled(Array.from({ length: size - leastSize }, (_, k) => frameOf(options, leastSize + k)))
        : [frameOf(options, size)];
  const template = frames.map((frame) => Buffer.concat([Buffer.alloc(header), frame]));
  const longest = Math.max(...template.map(({ length }) => length));
  const fragment = Math.min(fragments > 1 ? Math.ceil(longest / fragments) : Infinity, fragmentSize || Infinity);
  const plain = header === 0 && !isV6 && (leastSize || size) >= headerBytes(isV6);
  return {
    template,
    // What comes from a file is sent as it is.
    ...(file === undefined && (plain ? { vary: vary(options) } : { hook: sweepOf(options, index, header) })),
    seed: 1 + index,
    fragment: fragment === Infinity ? undefined : fragment,
  };
}

function sweepOf(options: PktGenOptions, index: number, header: number): FrameHook | undefined {
  const sweep = new Sweep(options, index);
  if (!sweep.varies) return undefined;
  return (u8, offset, length) => sweep.write(u8, offset + header, length - header);
}

/**
 * A UDP packet with the text of pkt-gen, of so many bytes in all. One that is too short for its headers is cut off, and says in
 * them how long it is.
 */
export function frameOf({ isV6, src, dst, srcMac, dstMac, indirect }: PktGenOptions, size: number): Uint8Array {
  const text = PAYLOAD(indirect ? 'indirect' : 'DIRECT');
  const room = Math.max(0, size - headerBytes(isV6));
  const payload = text.repeat(Math.ceil(room / text.length)).slice(0, room);
  const common = { srcMac, dstMac, payload, srcPort: src.firstPort, dstPort: dst.firstPort };
  const frame = isV6
    ? udp({ ...common, version: 6, srcIp: src.first, dstIp: dst.first })
    : udp({ ...common, srcIp: src.first, dstIp: dst.first, dscp: DSCP });
  if (size < headerBytes(isV6)) shorten(frame, isV6, size);
  return frame.subarray(0, size);
}

function shorten(frame: Uint8Array, isV6: boolean, size: number): void {
  const ip = ETHERNET + (isV6 ? IPV6 : IPV4);
  write16(frame, ip + 4, size - ip);
  if (isV6) return write16(frame, ETHERNET + 4, size - ip);
  write16(frame, ETHERNET + 2, size - ETHERNET);
  write16(frame, ETHERNET + 10, 0);
  write16(frame, ETHERNET + 10, internetChecksum(frame, ETHERNET, IPV4));
}

/** Ports go first, then addresses; those of the destination go on when the source has been through. IPv4. */
function vary({ src, dst, randomSrc, randomDst }: PktGenOptions): Vary {
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
      add(ip, { from: '0.0.0.0', to: '255.255.255.255', random });
      continue;
    }
    if (range.firstPort !== range.lastPort) add(port, { from: range.firstPort, to: range.lastPort });
    if (range.first !== range.last) add(ip, { from: range.first, to: range.last });
  }
  return fields;
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
