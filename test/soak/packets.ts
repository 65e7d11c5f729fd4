import type { Port, Ring } from 'node-netmap';

/** Addresses of sender and receiver: the first three words of every packet. */
const ADDRESSES = [0x00000002, 0x00020200, 0x01000000];
const HEADER_WORDS = 4;

function mix(n: number): number {
  n = Math.imul(n ^ (n >>> 16), 0x7feb352d);
  return n ^ (n >>> 15);
}

/** Bytes of the `number`-th packet: mostly 60 to 128, now and then up to 1514. */
export function lengthOf(number: number): number {
  const h = mix(number) >>> 0;
  return h % 64 === 0 ? 60 + ((h >>> 6) % 1455) : 60 + ((h >>> 6) % 69);
}

/** Writes the `number`-th packet into slot `i`: every byte follows from its number. */
export function write(port: Port, ring: Ring, i: number, number: number): number {
  const { u32, u8 } = port;
  const length = lengthOf(number);
  const at = ring.offset(i);
  const word = at >> 2;
  u32[word] = ADDRESSES[0];
  u32[word + 1] = ADDRESSES[1];
  u32[word + 2] = ADDRESSES[2];
  u32[word + 3] = number;
  const words = length >> 2;
  let value = mix(number);
  for (let k = HEADER_WORDS; k < words; k++) u32[word + k] = value = (value + 0x9e3779b9) | 0;
  for (let k = words << 2; k < length; k++) u8[at + k] = value + k;
  ring.setLength(i, length);
  return length;
}

/** The number of the packet in slot `i`, or -1 when any byte of it is not what was written. */
export function read(port: Port, ring: Ring, i: number): number {
  const { u32, u8 } = port;
  const at = ring.offset(i);
  const word = at >> 2;
  const number = u32[word + 3];
  const length = lengthOf(number);
  if (ring.length(i) !== length) return -1;
  let wrong = (u32[word] ^ ADDRESSES[0]) | (u32[word + 1] ^ ADDRESSES[1]) | (u32[word + 2] ^ ADDRESSES[2]);
  const words = length >> 2;
  let value = mix(number);
  for (let k = HEADER_WORDS; k < words; k++) wrong |= u32[word + k] ^ (value = (value + 0x9e3779b9) | 0);
  for (let k = words << 2; k < length; k++) wrong |= u8[at + k] ^ ((value + k) & 0xff);
  return wrong === 0 ? number : -1;
}
