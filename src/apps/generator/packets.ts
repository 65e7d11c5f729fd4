import { checkBytes, wrongValue } from '../../check';
import type { NativePackets } from '../../native-traffic';
import type { UdpOptions } from '../../packet';
import { udp } from '../../packet/build';
import { formatIpv4 } from '../../packet/ipv4';
import { ipv6OfNumber } from '../../packet/ipv6';
import { isIPv6 } from 'node:net';
import { makeFrames, type FrameSet } from './frames';
import type { GeneratorOptions } from './options';
import { parseSizes, type Sizes } from './sizes';
import { parseVary, type VariedField, type Vary } from './vary';

/** All packets of a generator. */
export interface Packets extends Omit<FrameSet, 'frames' | 'fields'> {
  native: NativePackets;
  /** Lengths of the frames in the order in which they are sent; of a mix, one round. */
  lengths: number[];
  longest: number;
}

/** Bytes of payload that number, stream and time take. */
const MARKS_ROOM = 18;

/** Makes the packets that options ask for. */
export function makePackets(options: GeneratorOptions): Packets {
  const { seed = 1, flows = 1, template, stream = 0, timestamps = false, fragment = 0 } = options;
  const { numbered = template === undefined || timestamps } = options;
  const flowCount = typeof flows === 'number' ? flows : flows.count;
  const varied = parseVary(withFlows(options.vary ?? {}, flowCount), seed);
  const { templates, order } = template === undefined ? buildFrames(options, varied, seed) : givenFrames(template);
  const set = makeFrames(templates, varied, numbered || timestamps ? { stream, time: timestamps } : undefined);
  const lengthOf = (index: number) => templates[index].length;
  return {
    native: {
      frames: set.frames,
      fields: set.fields,
      order,
      flows: flowCount,
      randomFlows: typeof flows === 'object' && flows.random === true,
      flowSeed: BigInt(seed),
      fragment,
    },
    numbered: set.numbered,
    timed: set.timed,
    lengths: order.length === 0 ? [lengthOf(0)] : Array.from(order, lengthOf),
    longest: Math.max(...templates.map(({ length }) => length)),
  };
}

/** Flows without a field that tells them apart: source addresses and ports do. */
function withFlows(vary: Vary, flows: number): Vary {
  if (flows === 1) return vary;
  const perFlow = Object.values(vary).some((how) => (typeof how === 'string' ? /flow:/.test(how) : how?.perFlow));
  // The numbers of values have few divisors in common, so that many millions of flows differ.
  return perFlow ? vary : { srcIp: 'flow:10.0.0.0/16', srcPort: 'flow:1024-65535', ...vary };
}

function givenFrames(template: Uint8Array | readonly Uint8Array[]): { templates: Uint8Array[]; order: Uint32Array } {
  const templates = template instanceof Uint8Array ? [template] : template;
  if (!Array.isArray(templates) || templates.length === 0)
    throw wrongValue('template', 'must be a frame, or frames', template);
  for (const frame of templates as Uint8Array[]) {
    if (checkBytes('template', frame).length === 0) throw wrongValue('template', 'must not be empty', frame);
  }
  const order = templates.length === 1 ? [] : templates.keys();
  return { templates: templates as Uint8Array[], order: Uint32Array.from(order) };
}

function buildFrames(options: GeneratorOptions, varied: readonly VariedField[], seed: number) {
  const frame: UdpOptions = { ...addresses(varied, options.frame), ...options.frame };
  if (options.sizes === undefined) {
    const whole = frame.length === undefined && frame.payload === undefined ? { ...frame, payload: MARKS_ROOM } : frame;
    return { templates: [udp(whole)], order: new Uint32Array(0) };
  }
  const { lengths, order }: Sizes = parseSizes(options.sizes, randomFrom(seed));
  return { templates: lengths.map((length) => udp({ ...frame, length })), order };
}

/** Addresses that vary decide about the version of IP and, in IPv6, about the network. */
function addresses(varied: readonly VariedField[], frame: UdpOptions = {}): UdpOptions {
  const given: UdpOptions = {};
  for (const { name, first, last, given: example } of varied) {
    if (name !== 'srcIp' && name !== 'dstIp') continue;
    if (frame[name] !== undefined) continue;
    const isV6 = last >> 32n !== 0n || (typeof example === 'string' && isIPv6(example));
    given[name] = isV6 ? ipv6OfNumber(first) : formatIpv4(Number(first));
  }
  return given;
}

/** Numbers from 0 up to 1, the same ones for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
