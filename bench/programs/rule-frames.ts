import { netmap } from '../library';

/** Bytes from frame to frame. */
const STRIDE = 64;

/** No address that begins with 10. */
const elsewhere = () => (11 + Math.floor(Math.random() * 200)) * 2 ** 24 + Math.floor(Math.random() * 2 ** 24);

/** Short UDP frames between random addresses: where they lie is what `classifyBytes` wants to know. */
export function ruleFrames(
  count: number,
  frame: number,
  source: () => number = elsewhere,
): { data: Uint8Array; places: Uint32Array } {
  const stride = Math.ceil(frame / STRIDE) * STRIDE;
  const data = new Uint8Array(count * stride);
  const places = new Uint32Array(3 * count);
  const view = new DataView(data.buffer);
  const template = netmap.udpFrame({ length: frame });
  for (let i = 0; i < count; i++) {
    const at = i * stride;
    data.set(template, at);
    view.setUint32(at + 26, source());
    view.setUint32(at + 30, elsewhere());
    places.set([at, frame, frame], 3 * i);
  }
  return { data, places };
}
