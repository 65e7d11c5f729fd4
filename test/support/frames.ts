import type { Port, Ring } from './library';

/** Test frames: Ethernet with a local experimental type and a number behind the header. */
export const BROADCAST = [255, 255, 255, 255, 255, 255];
export const MULTICAST = [1, 0, 0x5e, 0, 0, 5];

/** Address number `n`: locally administered, not a group. */
export function mac(n: number): number[] {
  return [2, 0, 0, 0, (n >> 8) & 255, n & 255];
}

/** A frame with `tag` in bytes 14 to 17 and bytes that follow from the tag behind them. */
export function frame(tag: number, to: number[] = BROADCAST, from: number[] = mac(1), length = 60): Uint8Array {
  const bytes = new Uint8Array(Math.max(length, 18));
  bytes.set(to, 0);
  bytes.set(from, 6);
  bytes[12] = 0x88;
  bytes[13] = 0xb5;
  new DataView(bytes.buffer).setUint32(14, tag);
  for (let i = 18; i < bytes.length; i++) bytes[i] = (tag * 7 + i) & 255;
  return bytes.subarray(0, length);
}

/** The tag of a frame, or -1 when a byte is not what {@link frame} wrote. */
export function tagOf(bytes: Uint8Array): number {
  if (bytes.length < 18) return -1;
  const tag = new DataView(bytes.buffer, bytes.byteOffset).getUint32(14);
  for (let i = 18; i < bytes.length; i++) if (bytes[i] !== ((tag * 7 + i) & 255)) return -1;
  return tag;
}

/** Writes frames into a tx ring and syncs. Throws when they do not fit. */
export function send(ring: Ring, ...frames: Uint8Array[]): void {
  queue(ring, ...frames);
  ring.port.txSync();
}

/** Writes frames into a tx ring and moves head, without a sync. */
export function queue(ring: Ring, ...frames: Uint8Array[]): void {
  for (const bytes of frames) {
    const used = ring.writeFrame(bytes);
    if (used === 0) throw new Error(`no room for a frame of ${bytes.length} bytes in ${ring.port.name}`);
    ring.advance(used);
  }
}

/** Tags of the slots from head to tail, without a sync. */
export function tags(ring: Ring): number[] {
  const found: number[] = [];
  for (let n = ring.available, i = ring.head; n > 0; n--, i = ring.next(i)) found.push(tagOf(ring.payload(i)));
  return found;
}

/** Syncs, takes the tags of everything received in the ring, and gives the slots back (the next sync tells the device). */
export function take(ring: Ring): number[] {
  ring.port.rxSync();
  const found = tags(ring);
  ring.advance(ring.available);
  return found;
}

/** As {@link take}, until `count` frames are there or `ms` are over. */
export async function takeUntil(port: Port, count: number, ms = 10_000): Promise<number[]> {
  const found: number[] = [];
  const end = Date.now() + ms;
  while (found.length < count && Date.now() < end) {
    await port.readable({ timeout: Math.max(0, Math.min(200, end - Date.now())) });
    for (const ring of port.rxRings) found.push(...take(ring));
  }
  port.rxSync();
  return found;
}
