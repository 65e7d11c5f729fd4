import { lib, type Port, type Ring } from '../support/library';
import { vnetHeader, type VnetFields } from '../support/internet-frames';
import { setSlot, slot } from '../support/raw-ring';
import type { Lab } from './lab';
import { valeRequests } from './vale-requests';

const { MOREFRAG } = lib.NS;

/** One slot as received. */
export interface Received {
  flags: number;
  bytes: Uint8Array;
}

/** A port of the lab's switch whose frames begin with a virtio-net header of `size` bytes. */
export function vnetPort(lab: Lab, name: string, size: number, slots = 128) {
  const rings = lab.rings(name, { txSlots: slots, rxSlots: slots, acceptVnetHdr: true });
  if (size > 0 && valeRequests(lab).setHeader(`${lab.vale}:${name}`, size) !== 0) throw new Error('PORT_HDR_SET');
  return rings;
}

/** Puts pieces into a slot each, as one frame, without a sync. */
export function queuePieces(ring: Ring, ...pieces: Uint8Array[]): void {
  if (ring.available < pieces.length) throw new Error(`no room for ${pieces.length} slots`);
  let at = ring.head;
  pieces.forEach((bytes, i) => {
    ring.buffer(at).set(bytes);
    setSlot(ring, at, { length: bytes.length, flags: i < pieces.length - 1 ? MOREFRAG : 0 });
    at = ring.next(at);
  });
  ring.advance(pieces.length);
}

/** Cuts bytes to pieces of these lengths, the last one repeated. */
export function cut(bytes: Uint8Array, ...lengths: number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[Math.min(i, lengths.length - 1)];
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

/** Sends a frame behind a header, in slots as full as they can be, or of the lengths given. */
export function sendVnet(
  { port, tx }: { port: Port; tx: Ring },
  size: number,
  fields: VnetFields,
  frame: Uint8Array,
  ...lengths: number[]
): void {
  const whole = new Uint8Array(size + frame.length);
  whole.set(vnetHeader(size, fields));
  whole.set(frame, size);
  queuePieces(tx, ...cut(whole, ...(lengths.length > 0 ? lengths : [tx.bufSize])));
  port.txSync();
}

/** Everything that has come, copied; the slots are given back. */
export function takeSlots({ port, rx }: { port: Port; rx: Ring }): Received[] {
  port.rxSync();
  const found: Received[] = [];
  for (let n = rx.available, i = rx.head; n > 0; n--, i = rx.next(i)) {
    const { flags, length } = slot(rx, i);
    found.push({ flags, bytes: port.u8.slice(rx.offset(i), rx.offset(i) + length) });
  }
  rx.advance(rx.available);
  port.rxSync();
  return found;
}

/** Slots put together to frames, each with the flags of its first slot. */
export function frames(slots: Received[]): Received[] {
  const found: Received[] = [];
  let open: Received | undefined;
  for (const { flags, bytes } of slots) {
    if (open) {
      open.bytes = Buffer.concat([open.bytes, bytes]);
    } else {
      open = { flags, bytes };
      found.push(open);
    }
    if (!(flags & MOREFRAG)) open = undefined;
  }
  return found;
}
