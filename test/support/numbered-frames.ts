/** What tests of emulators between ports send and receive. */

import { udpFrame, type Port } from 'node-netmap';

/** A frame with a number, which is told by its source address. */
export function frame(number: number, dstPort = 9, length = 100): Uint8Array {
  return udpFrame({ length, dstPort, payload: undefined, srcIp: `10.0.${number >> 8}.${number & 255}` });
}

export const numberOf = (bytes: Uint8Array) => (bytes[28] << 8) | bytes[29];

export async function send(port: Port, frames: readonly Uint8Array[]): Promise<void> {
  for (const one of frames) {
    while (!port.inject(one)) {
      port.txSync();
      await port.writable({ timeout: 5000 });
    }
  }
  port.txSync();
}

export async function receive(port: Port, count: number): Promise<Buffer[]> {
  const got: Buffer[] = [];
  const into = Buffer.alloc(65536);
  while (got.length < count) {
    if (!(await port.readable({ timeout: 5000 }))) throw new Error(`only ${got.length} of ${count} frames`);
    for (const ring of port.rxRings) {
      for (let slots; (slots = ring.frameSlots(ring.head)) > 0; ring.advance(slots)) {
        got.push(Buffer.from(into.subarray(0, ring.readFrame(ring.head, into))));
      }
    }
    port.rxSync();
  }
  return got;
}

export const range = (count: number, first = 0) => Array.from({ length: count }, (_, k) => first + k);
