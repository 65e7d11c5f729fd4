import type { Random } from '../../random';

/** Packets from a small world, so that rules meet them; some are damaged, some cut short. */
export const HOSTS4 = ['10.0.0.1', '10.0.0.2', '10.0.1.3', '10.1.0.4', '192.168.0.5', '172.16.3.6'] as const;
export const HOSTS6 = ['2001:db8::1', '2001:db8::2', '2001:db8:1::3', 'fd00::4'] as const;
export const PORTS = [1, 22, 53, 80, 443, 1000, 5000, 65535] as const;
export const MACS = ['02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:01:00:03', 'ff:ff:ff:ff:ff:ff'] as const;

export function bytes4(address: string): number[] {
  return address.split('.').map(Number);
}

export function bytes6(address: string): number[] {
  const [head, tail = ''] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)));
  const before = groups(head);
  const after = groups(tail);
  const zeros = address.includes('::') ? 8 - before.length - after.length : 0;
  return [...before, ...Array<number>(zeros).fill(0), ...after].flatMap(two);
}

export function macBytes(address: string): number[] {
  return address.split(':').map((group) => parseInt(group, 16));
}

function two(value: number): [number, number] {
  return [(value >> 8) & 255, value & 255];
}

const TCP_OPTIONS = [
  [2, 4, 5, 180],
  [1],
  [3, 3, 7],
  [4, 2],
  [8, 10, 0, 0, 0, 1, 0, 0, 0, 2],
  [2, 4, 1, 0],
  [0],
  [9, 1],
];

function tcp(random: Random): number[] {
  const options: number[] = [];
  for (let n = random.below(4); n > 0; n--) options.push(...random.pick(TCP_OPTIONS));
  while (options.length % 4 !== 0) options.push(random.below(2));
  const flags = random.below(3) === 0 ? random.below(256) : random.pick([2, 0x12, 0x10, 0x11, 0x04, 0x14, 0x18]);
  return [
    ...two(random.pick(PORTS)),
    ...two(random.pick(PORTS)),
    ...[0, 0, 0, random.below(3), 0, 0, random.below(2), random.below(4)],
    ((20 + options.length) << 2) & 255,
    flags,
    ...two(random.pick([0, 100, 65535])),
    ...[0, 0, 0, 0],
    ...options,
    ...Array<number>(random.below(4)).fill(0),
  ];
}

function transport(random: Random, protocol: number): number[] {
  if (protocol === 6) return tcp(random);
  if ([17, 132, 136].includes(protocol))
    return [...two(random.pick(PORTS)), ...two(random.pick(PORTS)), ...Array<number>(8 + random.below(9)).fill(0)];
  return [random.pick([0, 3, 8, 128, 135]), random.below(3), ...Array<number>(6).fill(0)];
}

const PROTOCOLS = [6, 6, 6, 17, 17, 17, 1, 58, 132, 136, 47] as const;
const OPTIONS4 = [[], [], [7, 4, 4, 0], [131, 3, 4, 1], [1, 137, 3, 4], [68, 4, 5, 0], [7, 1, 0, 0]];

function ip4(random: Random): number[] {
  const protocol = random.pick(PROTOCOLS);
  const payload = transport(random, protocol);
  const options = random.pick(OPTIONS4);
  const header = 20 + options.length;
  const fragment = random.below(6) === 0 ? random.pick([0x2000, 0x4000, 0x8000, 0x2001, 1, 5, 0x1fff]) : 0;
  const length = random.below(12) === 0 ? random.pick([0, 10, 30, 2000]) : header + payload.length;
  return [
    0x40 | (header >> 2),
    random.below(256),
    ...two(length),
    ...two(random.below(4)),
    ...two(fragment),
    random.pick([1, 63, 64, 255]),
    protocol,
    ...[0, 0],
    ...bytes4(random.pick(HOSTS4)),
    ...bytes4(random.pick(HOSTS4)),
    ...options,
    ...payload,
  ];
}

function ip6(random: Random): number[] {
  const kinds = [0, 43, 44, 51, 60, 50];
  const chain: number[] = [];
  for (let n = random.below(4) === 0 ? random.below(20) : 0; n > 0; n--) chain.push(random.pick(kinds));
  chain.push(random.pick(PROTOCOLS));
  const payload: number[] = [];
  for (let i = 0; i + 1 < chain.length; i++) {
    const size = chain[i] === 51 ? 16 : chain[i] === 44 ? 8 : 8 * (1 + random.below(2));
    const header = Array.from({ length: size }, () => random.below(4));
    header[0] = chain[i + 1];
    header[1] = chain[i] === 51 ? 2 : size / 8 - 1;
    if (chain[i] === 44) header.splice(2, 2, ...two(random.pick([0, 1, 8, 9, 800])));
    payload.push(...header);
  }
  payload.push(...transport(random, chain.at(-1)!));
  const length = random.below(12) === 0 ? random.pick([0, 4, 3000]) : payload.length;
  return [
    0x60 | random.below(16),
    random.below(256),
    ...[0, random.below(3)],
    ...two(length),
    chain[0],
    random.pick([1, 64, 255]),
    ...bytes6(random.pick(HOSTS6)),
    ...bytes6(random.pick(HOSTS6)),
    ...payload,
  ];
}

export function randomPacket(random: Random): { bytes: Uint8Array; length: number } {
  const kind = random.below(8);
  const [type, payload] =
    kind < 4
      ? [0x0800, ip4(random)]
      : kind < 7
        ? [0x86dd, ip6(random)]
        : [random.pick([0x0806, 0x88cc, 46]), [1, 2, 3]];
  const tags: number[] = [];
  for (let n = random.below(3) === 0 ? 1 + random.below(3) : 0; n > 0; n--) {
    tags.push(
      ...random.pick([
        [0x81, 0],
        [0x88, 0xa8],
        [0x91, 0],
      ]),
      random.below(256),
      random.below(5),
    );
  }
  let bytes = Uint8Array.from([
    ...macBytes(random.pick(MACS)),
    ...macBytes(random.pick(MACS)),
    ...tags,
    ...two(type),
    ...payload,
  ]);
  if (bytes.length < 60 && random.below(2) === 0)
    bytes = Uint8Array.from([...bytes, ...new Uint8Array(60 - bytes.length)]);
  let length = bytes.length;
  if (random.below(10) === 0) bytes[random.below(bytes.length)] = random.below(256);
  if (random.below(10) === 0) {
    bytes = bytes.slice(0, random.below(bytes.length + 1));
    // Cut by a capture's snaplen, or on the wire.
    if (random.below(2) === 0) length = bytes.length;
  }
  return { bytes, length };
}
