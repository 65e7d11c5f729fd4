import { availableParallelism } from 'node:os';
import type { PortOptions } from '../../spec';
import { interfaceMac } from './interface';
import { getopt, type Opt } from './getopt';
import { parseRange, type AddressRange } from './ranges';
import { say } from './say';

/** What a run of pkt-gen does. */
export type PktGenFunction = 'tx' | 'rx' | 'ping' | 'pong' | 'txseq' | 'rxseq';

/** Packets handed over at once, by function, unless `-b` says otherwise. */
const BURSTS: Record<PktGenFunction, number> = { rx: 512, tx: 512, ping: 1, pong: 1, txseq: 512, rxseq: 512 };

const LETTERS = '46a:f:F:Nn:i:Il:d:s:D:S:b:c:o:p:T:w:WvR:XC:H:rP:zZAhBM:';

/** Bits of `-o`. */
export const BIT = {
  ...{ prefetch: 1, access: 2, copy: 4, memcpy: 8, indirect: 32, dump: 64, rubbish: 256 },
  ...{ randomSrc: 512, randomDst: 1024, average: 2048 },
};

/** ms that Node's timers go up to. */
const MOST_TIME = 0x7fffffff;

const LEAST_SIZE = 16;
const MOST_SIZE = 65536;

/** A command line of pkt-gen. Plain data: it goes to worker threads. */
export interface PktGenOptions {
  function: PktGenFunction;
  /** As netmap names ports. */
  port: string;
  isV6: boolean;
  src: AddressRange;
  dst: AddressRange;
  srcMac: string;
  dstMac: string;
  size: number;
  /** 0: all packets have the same size. */
  leastSize: number;
  burst: number;
  /** 0: no end. */
  count: number;
  fragments: number;
  /** 0: as long as a buffer. */
  fragmentSize: number;
  threads: number;
  cpus: number;
  /** Processor of the first thread, -1: any. */
  affinity: number;
  /** ms between reports. */
  interval: number;
  /** Seconds to wait for the link. */
  wait: number;
  forever: boolean;
  /** Packets per second, 0: as many as possible. */
  rate: number;
  file: string | undefined;
  /** Bytes of virtio-net header, 0: what the port has. */
  header: number;
  conf: Pick<PortOptions, 'txSlots' | 'rxSlots' | 'txRings' | 'rxRings'>;
  indirect: boolean;
  dump: boolean;
  rubbish: boolean;
  randomSrc: boolean;
  randomDst: boolean;
  average: boolean;
  normalize: boolean;
  framing: boolean;
  verbose: boolean;
  /** All bits of `-o`, and those of the options that stand for one. */
  bits: number;
}

/** A command line that cannot be understood; its message has been written already where it is empty. */
export class PktGenUsage extends Error {}

/** Packets handed over at once: something at least every 3 ms or so. */
export function burstOf({ burst, rate }: PktGenOptions): number {
  return rate > 0 ? Math.max(1, Math.min(burst, Math.floor(rate / 300))) : burst;
}

/** @returns undefined when only help was asked for */
export function parseOptions(args: readonly string[]): PktGenOptions | undefined {
  let opts: Opt[];
  try {
    opts = getopt(args, LETTERS);
  } catch (error) {
    throw new PktGenUsage((error as Error).message);
  }
  if (opts.some(({ letter }) => letter === 'h')) return undefined;
  const has = (letter: string) => opts.some((opt) => opt.letter === letter);
  const all = (letter: string) => opts.filter((opt) => opt.letter === letter).map(({ value }) => value);
  const last = (letter: string) => all(letter).at(-1);
  const number = (letter: string, otherwise: number) => (has(letter) ? atoi(last(letter)!) : otherwise);

  const given = last('i');
  if (given === undefined) throw new PktGenUsage('missing ifname');
  say('main [3036]', `interface is ${given}`);
  const name = functionOf(last('f'));
  let burst = number('b', 0);
  if (burst <= 0) {
    burst = BURSTS[name];
    say('main [3159]', `using default burst size: ${burst}`);
  }
  const have = availableParallelism();
  const cpus = number('c', 1);
  if (cpus < 0 || cpus > have) throw new PktGenUsage(`${cpus} cpus is too high, have only ${have} cpus`);
  say('main [3167]', `running on ${cpus} cpus (have ${have})`);
  const [size = 60, leastSize = 0] = all('l').map(atoi);
  checkSizes(size, leastSize);
  const isV6 = opts.filter(({ letter }) => letter === '4' || letter === '6').at(-1)?.letter === '6';
  const verbose = has('v');
  const addresses = { src: last('s') ?? '10.0.0.1', dst: last('d') ?? '10.1.0.1' };
  if (verbose)
    for (const text of Object.values(addresses)) say('extract_ip_range [413]', `extract IP range from ${text}`);
  const range = ranges(addresses.src, addresses.dst, isV6);
  const varies = [range.src, range.dst].some((r) => r.first !== r.last || r.firstPort !== r.lastPort);
  const letters = { I: BIT.indirect, X: BIT.dump, r: BIT.rubbish, z: BIT.randomSrc, Z: BIT.randomDst, A: BIT.average };
  let bits = all('o').reduce((sum, value) => sum | atoi(value), varies ? BIT.copy : 0);
  for (const [letter, bit] of Object.entries(letters)) if (has(letter)) bits |= bit;
  const port = portName(given);
  return {
    ...{ function: name, port, isV6, size, leastSize, burst, cpus: cpus === 0 ? have : cpus },
    ...range,
    srcMac: macAddress(last('S') ?? interfaceMac(port) ?? '00:00:00:00:00:00'),
    dstMac: macAddress(last('D') ?? 'ff:ff:ff:ff:ff:ff'),
    count: number('n', 0),
    fragments: fragments(number('F', 1)),
    fragmentSize: number('M', 0),
    threads: number('p', 1),
    affinity: number('a', -1),
    interval: Math.min(Math.max(1, number('T', 1000)), MOST_TIME),
    wait: Math.min(number('w', /^(vale|null:)/.test(port) ? 0 : 2), MOST_TIME / 1000),
    forever: !has('W'),
    rate: number('R', 0),
    file: last('P'),
    header: headerLength(number('H', 0)),
    conf: configuration(last('C')),
    indirect: (bits & BIT.indirect) !== 0,
    dump: (bits & BIT.dump) !== 0,
    rubbish: (bits & BIT.rubbish) !== 0,
    randomSrc: (bits & BIT.randomSrc) !== 0,
    randomDst: (bits & BIT.randomDst) !== 0,
    average: (bits & BIT.average) !== 0,
    normalize: !has('N'),
    framing: has('B'),
    verbose,
    bits,
  };
}

/** As atoi(3): what is no number at the end does not matter, and what is none at all is 0. */
function atoi(text: string): number {
  const digits = /^\s*[+-]?\d+/.exec(text);
  return digits === null ? 0 : Number(digits[0]);
}

function functionOf(text: string | undefined): PktGenFunction {
  if (text === undefined) return 'rx';
  if (Object.hasOwn(BURSTS, text)) return text as PktGenFunction;
  say('main [3016]', `unrecognised function ${text}`);
  return 'rx';
}

function portName(text: string): string {
  if (text === 'null' || text === 'null:') return 'null:';
  if (/^(tap|pcap:)/.test(text)) throw new PktGenUsage(`'${text}' is no netmap port: taps and pcap are not served`);
  return /^(netmap:|vale)/.test(text) ? text : `netmap:${text}`;
}

function checkSizes(size: number, least: number): void {
  if (size < LEAST_SIZE || size > MOST_SIZE) {
    throw new PktGenUsage(`bad pktsize ${size} [${LEAST_SIZE}..${MOST_SIZE}]`);
  }
  if (least !== 0 && (least < LEAST_SIZE || least > size)) {
    throw new PktGenUsage(`bad pktminsize ${least} [${LEAST_SIZE}..${size}]`);
  }
}

function ranges(src: string, dst: string, isV6: boolean): { src: AddressRange; dst: AddressRange } {
  try {
    return { src: parseRange(src, isV6), dst: parseRange(dst, isV6) };
  } catch (error) {
    throw new PktGenUsage((error as Error).message);
  }
}

function macAddress(text: string): string {
  const parts = text.split(':');
  if (parts.length !== 6 || !parts.every((part) => /^[0-9a-f]{1,2}$/i.test(part))) {
    throw new PktGenUsage(`invalid MAC address '${text}'`);
  }
  return parts.map((part) => part.padStart(2, '0').toLowerCase()).join(':');
}

function fragments(wanted: number): number {
  if (wanted >= 1 && wanted <= 63) return wanted;
  say('main [2991]', `invalid frags ${wanted} [1..63], ignore`);
  return 1;
}

function headerLength(length: number): number {
  if (length === 0 || length === 10 || length === 12) return length;
  throw new PktGenUsage('bad virtio-net-header length');
}

/** `tx_slots[,rx_slots[,tx_rings[,rx_rings]]]`, where 0 and nothing stand for what the port has. */
function configuration(text: string | undefined): PktGenOptions['conf'] {
  if (text === undefined) return {};
  say('main [3111]', "WARNING: the 'C' option is deprecated, use the '@conf:' option of the port's name instead");
  const [txSlots = 0, rxSlots = txSlots, txRings = 0, rxRings = txRings] = text.split(',').map(atoi);
  const wanted = Object.entries({ txSlots, rxSlots, txRings, rxRings }).filter(([, value]) => value > 0);
  return Object.fromEntries(wanted);
}
