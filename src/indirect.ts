import { checkBytes, outOfRange, wrongValue } from './check';
import { NetmapError } from './errors';
import type { NativePort } from './native';

/** Memory of JavaScript that slots point into ({@link NS.INDIRECT}). */
export class IndirectMemory {
  private readonly held: { data: Uint8Array; length: number; address: bigint }[] = [];

  /** Registers `data`; the same array again gives the same address. */
  allow(native: NativePort, data: Uint8Array, port: string): bigint {
    checkBytes('data', data);
    if (data.length === 0) throw outOfRange('data', 'at least one byte long', 0);
    if ((data.buffer as { resizable?: boolean }).resizable) {
      throw wrongValue('data', 'must not be a view of a resizable buffer, whose memory may go', data);
    }
    const known = this.held.find((entry) => entry.data === data);
    if (known) return known.address;
    const address = native.allowIndirect(data);
    if (address === undefined) throw new NetmapError(`no address for this array`, { code: 'EFAULT', port });
    this.held.push({ data, length: data.length, address });
    return address;
  }

  /**
   * A buffer that was transferred away leaves an empty view behind, and its memory may go while slots still point at it:
   * so look before the device does.
   */
  check(port: string): NetmapError | undefined {
    for (const { data, length } of this.held) {
      if (data.length !== length) {
        const hint = 'keep the ArrayBuffer given to indirect() until the port is closed: do not transfer it';
        return new NetmapError(`memory that port '${port}' may send from is gone (EFAULT); ${hint}`, {
          code: 'EFAULT',
          port,
          hint,
        });
      }
    }
    return undefined;
  }
}
