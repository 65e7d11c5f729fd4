import { netmap } from '../library';

/** Bytes from frame to frame. */
const STRIDE = 64;

/** Short UDP frames between random addresses, none of which begins with 10: where they lie is what `classifyBytes` wants to know. */
export function ruleFrames(count: number, frame: number): { data: Uint8Array; places: Uint32Array } {
  const stride = Math.ceil(frame / STRIDE) * STRIDE;
  const data = new Uint8Array(count * stride);
  const places = new Uint32Array(3 * count);
  const template = netmap.udpFrame({ length: frame });
  for (let i = 0; i < count; i++) {
    const at = i * stride;
    data.set(template, at);
    for (const address of [at + 26, at + 30]) {
      data[address] = 11 + Math.floor(Math.random() * 200);
      for (let k = 1; k < 4; k++) data[address + k] = Math.floor(Math.random() * 256);
    }
    places.set([at, frame, frame], 3 * i);
  }
  return { data, places };
}
