/** Frames and checksums made by the book: slow, plain, and sharing no code with the library. */

/** Sum and fold as RFC 1071 tells it, one byte pair at a time. */
export function plainChecksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) sum += part[at] * 256 + (part[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return 0xffff - sum;
}

/** Two bytes in network order. */
export function be16(value: number): number[] {
  return [(value >>> 8) & 255, value & 255];
}

/** Bytes from text in hexadecimal; blanks don't matter. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/\s+/g, ''), 'hex'));
}

export interface Ipv4Options {
  protocol: number;
  payload: Uint8Array;
  /** IP options, a multiple of four bytes. */
  options?: Uint8Array;
  /** Flags and fragment offset. */
  fragment?: number;
  /** What stands between the MAC addresses and the EtherType of IPv4. */
  tags?: number[];
  /** Ethernet padding behind the packet. */
  padding?: number;
}

const ADDRESSES = [192, 168, 0, 1, 192, 168, 0, 199];

/** An Ethernet frame with an IPv4 packet whose header checksum is right. */
export function ipv4Frame(given: Ipv4Options): Uint8Array {
  const { protocol, payload, options = new Uint8Array(0), fragment = 0, tags = [], padding = 0 } = given;
  const headerLength = 20 + options.length;
  const header = Uint8Array.from([
    ...[0x40 | (headerLength / 4), 0, ...be16(headerLength + payload.length)],
    ...[0x12, 0x34, ...be16(fragment), 64, protocol, 0, 0, ...ADDRESSES, ...options],
  ]);
  header.set(be16(plainChecksum(header)), 10);
  const macs = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
  return Uint8Array.from([...macs, ...tags, 8, 0, ...header, ...payload, ...new Array<number>(padding).fill(0xaa)]);
}

function pseudoHeader(protocol: number, length: number): Uint8Array {
  return Uint8Array.from([...ADDRESSES, 0, protocol, ...be16(length)]);
}

/** A UDP packet, its checksum right unless another one is asked for. */
export function udp(payload: Uint8Array, checksum?: number): Uint8Array {
  const packet = Uint8Array.from([0x30, 0x39, 0xd4, 0x31, ...be16(8 + payload.length), 0, 0, ...payload]);
  const right = plainChecksum(pseudoHeader(17, packet.length), packet) || 0xffff;
  packet.set(be16(checksum ?? right), 6);
  return packet;
}

/** A TCP packet without options, its checksum right. */
export function tcp(payload: Uint8Array): Uint8Array {
  const ports = [0, 80, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 2];
  const packet = Uint8Array.from([...ports, 0x50, 0x18, 1, 0, 0, 0, 0, 0, ...payload]);
  packet.set(be16(plainChecksum(pseudoHeader(6, packet.length), packet)), 16);
  return packet;
}

/** An ICMP echo request, its checksum right. */
export function icmp(payload: Uint8Array): Uint8Array {
  const packet = Uint8Array.from([8, 0, 0, 0, 0x55, 0x66, 0, 1, ...payload]);
  packet.set(be16(plainChecksum(packet)), 2);
  return packet;
}
