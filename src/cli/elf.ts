const PT_INTERP = 3;

/**
 * Whether these are the first bytes of a program that no dynamic linker starts: nothing can be preloaded into it.
 * Scripts and what is not understood count as dynamic.
 */
export function isStatic(head: Buffer): boolean {
  if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46) return false;
  const wide = head[4] === 2;
  const little = head[5] === 1;
  const u16 = (at: number) => (little ? head.readUInt16LE(at) : head.readUInt16BE(at));
  const u32 = (at: number) => (little ? head.readUInt32LE(at) : head.readUInt32BE(at));
  const u64 = (at: number) => Number(little ? head.readBigUInt64LE(at) : head.readBigUInt64BE(at));
  const table = wide ? u64(32) : u32(28);
  const size = u16(wide ? 54 : 42);
  const count = u16(wide ? 56 : 44);
  for (let i = 0; i < count; i++) {
    const at = table + i * size;
    if (at + 4 > head.length) return false;
    if (u32(at) === PT_INTERP) return false;
  }
  return count > 0;
}
