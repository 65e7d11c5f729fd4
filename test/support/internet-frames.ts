/** TCP and UDP frames over IPv4 and IPv6 for tests, and a look at what became of them. Sums are taken here, byte by byte. */

export interface InternetFrame {
  v6?: boolean;
  udp?: boolean;
  /** Bytes of payload. */
  payload?: number;
  vlans?: number;
  /** Bytes of options, multiples of 4. */
  ipOptions?: number;
  tcpOptions?: number;
  tcpFlags?: number;
  /** Source and destination address, by default 2::1 and broadcast. */
  from?: number[];
  to?: number[];
}

/** Where the transport header begins. */
export function transportOffset({ v6 = false, vlans = 0, ipOptions = 0 }: InternetFrame): number {
  return 14 + 4 * vlans + (v6 ? 40 : 20 + ipOptions);
}

/** Ones' complement sum of 16-bit words, folded. */
export function sum16(bytes: Uint8Array, initial = 0): number {
  let sum = initial;
  for (let i = 0; i < bytes.length; i++) sum += i % 2 === 0 ? bytes[i] << 8 : bytes[i];
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return sum;
}

/** Byte `i` of every payload. */
export function payloadByte(i: number): number {
  return (i * 7 + (i >> 8)) & 255;
}

/**
 * A frame as a virtual machine hands it over: all complete but for the transport checksum, which holds the sum of the
 * pseudo header.
 */
export function internetFrame(options: InternetFrame = {}): Uint8Array {
  const { v6 = false, udp = false, payload = 100, vlans = 0, ipOptions = 0, tcpOptions = 0, tcpFlags = 0x10 } = options;
  const { from = [2, 0, 0, 0, 0, 1], to = [255, 255, 255, 255, 255, 255] } = options;
  const transport = transportOffset(options);
  const header = udp ? 8 : 20 + tcpOptions;
  const bytes = new Uint8Array(transport + header + payload);
  const view = new DataView(bytes.buffer);
  bytes.set(to, 0);
  bytes.set(from, 6);
  for (let v = 0; v < vlans; v++) view.setUint32(12 + 4 * v, 0x81000005);
  const ip = 14 + 4 * vlans;
  view.setUint16(ip - 2, v6 ? 0x86dd : 0x0800);
  const protocol = udp ? 17 : 6;
  let pseudo = protocol + header + payload;
  if (v6) {
    bytes[ip] = 0x60;
    view.setUint16(ip + 4, header + payload);
    bytes[ip + 6] = protocol;
    bytes[ip + 7] = 64;
    bytes.set([0x20, 1, 0xd, 0xb8], ip + 8);
    bytes[ip + 23] = 1;
    bytes.set([0x20, 1, 0xd, 0xb8], ip + 24);
    bytes[ip + 39] = 2;
    pseudo = sum16(bytes.subarray(ip + 8, ip + 40), pseudo);
  } else {
    bytes[ip] = 0x40 | (5 + ipOptions / 4);
    view.setUint16(ip + 2, 20 + ipOptions + header + payload);
    view.setUint16(ip + 4, 0xfffe); // the identification of a third segment wraps
    bytes[ip + 8] = 64;
    bytes[ip + 9] = protocol;
    bytes.set([10, 0, 0, 1, 10, 0, 0, 2], ip + 12);
    bytes.fill(1, ip + 20, ip + 20 + ipOptions);
    view.setUint16(ip + 10, ~sum16(bytes.subarray(ip, ip + 20 + ipOptions)));
    pseudo = sum16(bytes.subarray(ip + 12, ip + 20), pseudo);
  }
  view.setUint16(transport, 1025);
  view.setUint16(transport + 2, 1026);
  if (udp) {
    view.setUint16(transport + 4, 8 + payload);
  } else {
    view.setUint32(transport + 4, 0xfffffc00); // sequence numbers wrap as well
    bytes[transport + 12] = (5 + tcpOptions / 4) << 4;
    bytes[transport + 13] = tcpFlags;
    bytes.fill(1, transport + 20, transport + 20 + tcpOptions);
  }
  view.setUint16(transport + (udp ? 6 : 16), sum16(new Uint8Array(), pseudo));
  for (let i = 0; i < payload; i++) bytes[transport + header + i] = payloadByte(i);
  return bytes;
}

/** What a receiver makes of a frame. */
export interface Seen {
  /** Of the whole frame. */
  length: number;
  /** Lengths that headers tell are those of the frame. */
  lengths: boolean;
  /** Of the IP header, `true` for IPv6. */
  ipChecksum: boolean;
  checksum: boolean;
  /** Of IPv4. */
  id?: number;
  /** Of TCP. */
  sequence?: number;
  tcpFlags?: number;
  payload: Uint8Array;
}

export function look(frame: Uint8Array): Seen {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  let ip = 14;
  while (view.getUint16(ip - 2) === 0x8100) ip += 4;
  const v6 = view.getUint16(ip - 2) === 0x86dd;
  const transport = ip + (v6 ? 40 : 4 * (frame[ip] & 15));
  const udp = frame[ip + (v6 ? 6 : 9)] === 17;
  const pseudo = sum16(
    frame.subarray(ip + (v6 ? 8 : 12), ip + (v6 ? 40 : 20)),
    (udp ? 17 : 6) + frame.length - transport,
  );
  const told = v6 ? view.getUint16(ip + 4) + 40 : view.getUint16(ip + 2);
  const header = udp ? 8 : 4 * (frame[transport + 12] >> 4);
  return {
    length: frame.length,
    lengths: told === frame.length - ip && (!udp || view.getUint16(transport + 4) === frame.length - transport),
    ipChecksum: v6 || sum16(frame.subarray(ip, transport)) === 0xffff,
    checksum: sum16(frame.subarray(transport), pseudo) === 0xffff,
    ...(v6 ? {} : { id: view.getUint16(ip + 4) }),
    ...(udp ? {} : { sequence: view.getUint32(transport + 4), tcpFlags: frame[transport + 13] }),
    payload: frame.subarray(transport + header),
  };
}

export interface VnetFields {
  flags?: number;
  gsoType?: number;
  headerLength?: number;
  segmentSize?: number;
  checksumStart?: number;
  checksumOffset?: number;
}

/** A virtio-net header of 10 or 12 bytes. */
export function vnetHeader(size: number, fields: VnetFields = {}): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes[0] = fields.flags ?? 0;
  bytes[1] = fields.gsoType ?? 0;
  view.setUint16(2, fields.headerLength ?? 0, true);
  view.setUint16(4, fields.segmentSize ?? 0, true);
  view.setUint16(6, fields.checksumStart ?? 0, true);
  view.setUint16(8, fields.checksumOffset ?? 0, true);
  if (size > 10) view.setUint16(10, 0x1234, true);
  return bytes;
}
