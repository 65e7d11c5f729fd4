/** A packet as objects, read step by step: slow and plain, and nothing of the classifier's. */

export interface Tag {
  id: number;
  priority: number;
}

export interface Ip {
  version: 4 | 6;
  src: bigint;
  dst: bigint;
  protocol: number;
  tos: number;
  ttl: number;
  length: number;
  /** IPv4 only. */
  id: number;
  flags: { rf: boolean; df: boolean; mf: boolean };
  /** In bytes. */
  offset: number;
  /** Kinds of the IPv4 options. */
  options: number[];
  flowLabel: number;
  extensions: Set<string>;
}

export interface Tcp {
  flags: number;
  sequence: number;
  acknowledgment: number;
  window: number;
  dataLength: number | undefined;
  options: { kind: number; data: Uint8Array }[];
}

export interface Decoded {
  dstMac?: bigint;
  srcMac?: bigint;
  /** At offset 12. */
  macType?: number;
  /** Behind the tags. */
  etherType?: number;
  tags: Tag[];
  ip?: Ip;
  ports?: { src: number; dst: number };
  tcp?: Tcp;
  icmpType?: number;
  malformed: boolean;
  length: number;
}

/** Bytes with a position; past the end there is nothing. */
class Reader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }
  get left(): number {
    return this.end - this.at;
  }
  number(size: number, at = 0): number {
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + this.bytes[this.at + at + i];
    return value;
  }
  big(size: number, at = 0): bigint {
    let value = 0n;
    for (let i = 0; i < size; i++) value = value * 256n + BigInt(this.bytes[this.at + at + i]);
    return value;
  }
}

/** Options of TCP and IPv4: kind, length, data; 0 ends them and 1 is a filler. */
function readOptions(bytes: Uint8Array): { kind: number; data: Uint8Array }[] {
  const out: { kind: number; data: Uint8Array }[] = [];
  for (let i = 0; i < bytes.length && bytes[i] !== 0;) {
    if (bytes[i] === 1) {
      i++;
      continue;
    }
    if (i + 1 >= bytes.length) break;
    const size = bytes[i + 1];
    if (size < 2 || i + size > bytes.length) break;
    out.push({ kind: bytes[i], data: bytes.slice(i + 2, i + size) });
    i += size;
  }
  return out;
}

export function decode(bytes: Uint8Array, length = bytes.length): Decoded {
  const out: Decoded = { tags: [], malformed: false, length };
  const r = new Reader(bytes);
  if (r.left < 14) return { ...out, malformed: true };
  out.dstMac = r.big(6);
  out.srcMac = r.big(6, 6);
  let type = (out.macType = r.number(2, 12));
  r.at = 14;
  for (let n = 0; [0x8100, 0x88a8, 0x9100].includes(type); n++) {
    if (r.left < 4 || n === 8) {
      out.malformed = true;
      break;
    }
    out.tags.push({ id: r.number(2) & 0xfff, priority: r.number(2) >> 13 });
    type = r.number(2, 2);
    r.at += 4;
  }
  out.etherType = type;
  const rest = length - r.at;
  if (type === 0x0800) decode4(r, rest, out);
  if (type === 0x86dd) decode6(r, rest, out);
  return out;
}

function decode4(r: Reader, rest: number, out: Decoded): void {
  const header = r.left < 20 ? 0 : 4 * (r.number(1) % 16);
  if (header < 20 || r.number(1) >> 4 !== 4 || header > r.left) {
    out.malformed = true;
    return;
  }
  const length = r.number(2, 2) || Math.min(rest, 65535);
  const word = r.number(2, 6);
  const ip: Ip = (out.ip = {
    version: 4,
    src: r.big(4, 12),
    dst: r.big(4, 16),
    protocol: r.number(1, 9),
    tos: r.number(1, 1),
    ttl: r.number(1, 8),
    length,
    id: r.number(2, 4),
    flags: { rf: (word & 0x8000) !== 0, df: (word & 0x4000) !== 0, mf: (word & 0x2000) !== 0 },
    offset: 8 * (word & 0x1fff),
    options: readOptions(r.bytes.slice(r.at + 20, r.at + header)).map(({ kind }) => kind),
    flowLabel: 0,
    extensions: new Set(),
  });
  if (length < header || length > rest) out.malformed = true;
  if (ip.offset === 8 && ip.protocol === 6) out.malformed = true;
  if (ip.offset > 0) return;
  const end = Math.max(r.at + header, Math.min(r.end, r.at + length));
  transport(new Reader(r.bytes, r.at + header, end), ip, out, length - header);
}

const EXTENSIONS = new Map([
  [0, 'hopopt'],
  [43, 'route'],
  [44, 'frag'],
  [50, 'esp'],
  [51, 'ah'],
  [60, 'dstopt'],
]);

function decode6(r: Reader, rest: number, out: Decoded): void {
  if (r.left < 40 || r.number(1) >> 4 !== 6) {
    out.malformed = true;
    return;
  }
  const payload = r.number(2, 4);
  const length = payload === 0 ? Math.min(rest, 65535) : 40 + payload;
  const ip: Ip = (out.ip = {
    version: 6,
    src: r.big(16, 8),
    dst: r.big(16, 24),
    protocol: r.number(1, 6),
    tos: (r.number(2) >> 4) & 0xff,
    ttl: r.number(1, 7),
    length: Math.min(length, 65535),
    id: 0,
    flags: { rf: false, df: false, mf: false },
    offset: 0,
    options: [],
    flowLabel: r.number(4) % 2 ** 20,
    extensions: new Set(),
  });
  if (length > rest) out.malformed = true;
  const inner = new Reader(r.bytes, r.at + 40, r.at + Math.min(r.left, length));
  for (let n = 0; ; n++) {
    const name = EXTENSIONS.get(ip.protocol);
    if (n === 16) {
      out.malformed = true;
      return;
    }
    if (name === undefined) break;
    ip.extensions.add(name);
    if (name === 'route' && inner.left >= 4 && [0, 2].includes(inner.number(1, 2)))
      ip.extensions.add(`rthdr${inner.number(1, 2)}`);
    if (name === 'esp') return;
    const size = name === 'frag' ? 8 : name === 'ah' ? 4 * (inner.number(1, 1) + 2) : 8 * (inner.number(1, 1) + 1);
    if (inner.left < 8 || size > inner.left) {
      out.malformed = true;
      return;
    }
    const offset = name === 'frag' ? inner.number(2, 2) & ~7 : 0;
    ip.protocol = inner.number(1);
    inner.at += size;
    if (offset > 0) {
      ip.offset = offset;
      if (offset === 8 && ip.protocol === 6) out.malformed = true;
      return;
    }
  }
  transport(inner, ip, out, length - (inner.at - r.at));
}

/** `size`: what the IP header says the transport header and its data take. */
function transport(r: Reader, ip: Ip, out: Decoded, size: number): void {
  const headers = new Map([
    [6, 20],
    [17, 8],
    [136, 8],
    [132, 12],
  ]);
  const need = headers.get(ip.protocol) ?? (ip.protocol === (ip.version === 4 ? 1 : 58) ? 4 : 0);
  if (need === 0) return;
  if (r.left < need) {
    out.malformed = true;
    return;
  }
  if (need === 4) {
    out.icmpType = r.number(1);
    return;
  }
  out.ports = { src: r.number(2), dst: r.number(2, 2) };
  if (ip.protocol !== 6) return;
  const header = 4 * (r.number(1, 12) >> 4);
  if (header < 20) out.malformed = true;
  out.tcp = {
    flags: r.number(1, 13),
    sequence: r.number(4, 4),
    acknowledgment: r.number(4, 8),
    window: r.number(2, 14),
    dataLength: size >= header ? size - header : undefined,
    options: readOptions(r.bytes.slice(r.at + 20, r.at + Math.max(20, Math.min(header, r.left)))),
  };
}
