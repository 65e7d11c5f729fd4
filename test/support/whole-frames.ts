/** Whole frames through a port, over as many slots as they take, as fast as the other end takes them. */

import type { Port } from 'node-netmap';

const into = Buffer.alloc(65536);

/** Sends all of them, as there is room. Others have their turn meanwhile: a port with room for a slot may have none for a frame. */
export async function send(port: Port, frames: readonly Uint8Array[]): Promise<void> {
  for (const frame of frames) {
    for (let tries = 0; !port.inject(frame); tries++) {
      port.txSync();
      if (tries === 5000) throw new Error('no room');
      if (tries > 0) await new Promise((later) => setTimeout(later, 1));
    }
  }
  port.txSync();
}

/** Everything that has arrived. */
export function take(port: Port): Buffer[] {
  const got: Buffer[] = [];
  port.rxSync();
  for (const ring of port.rxRings) {
    for (let slots; (slots = ring.frameSlots(ring.head)) > 0; ring.advance(slots)) {
      got.push(Buffer.from(into.subarray(0, ring.readFrame(ring.head, into))));
    }
  }
  port.rxSync();
  return got;
}

/** What arrives, until there are `count`. */
export async function receive(port: Port, count: number): Promise<Buffer[]> {
  const got: Buffer[] = [];
  while (got.length < count) {
    if (!(await port.readable({ timeout: 5000 }))) throw new Error(`only ${got.length} of ${count} frames`);
    got.push(...take(port));
  }
  return got;
}
