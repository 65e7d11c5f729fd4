import type { FrameHook } from '../../apps';

/** Writes each packet to standard output, as bytes in hexadecimal form and as text. */
export const dump: FrameHook = (u8, offset, length, ring, slot) => {
  const id = `0x${ring.byteOffset.toString(16)}`;
  const head = `cur ${String(slot).padStart(5)} [buf ${String(ring.bufferIndex(slot)).padStart(6)}`;
  const flags = ring.flags(slot).toString(16).padStart(4, '0');
  const lines = [`ring ${id} ${head} flags 0x${flags} len ${String(length).padStart(5)}]`];
  for (let at = 0; at < length; at += 16) {
    const bytes = [...u8.subarray(offset + at, offset + Math.min(at + 16, length))];
    const hex = bytes.map((byte) => `${byte.toString(16).padStart(2, '0')} `).join('');
    const text = bytes.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${String(at).padStart(5)}: ${hex.padEnd(48)}${text}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
};
