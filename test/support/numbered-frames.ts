/** What tests of emulators between ports send and receive. */

import { udpFrame } from 'node-netmap';

/** A frame with a number, which is told by its source address. */
export function frame(number: number, dstPort = 9, length = 100): Uint8Array {
  return udpFrame({ length, dstPort, payload: undefined, srcIp: `10.0.${number >> 8}.${number & 255}` });
}

export const numberOf = (bytes: Uint8Array) => (bytes[28] << 8) | bytes[29];

export const range = (count: number, first = 0) => Array.from({ length: count }, (_, k) => first + k);
