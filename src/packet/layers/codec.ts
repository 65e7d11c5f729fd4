import type { Layer, LayerInput } from './types';

/** What a number says about what follows a header: where it comes from tells how to read it. */
export type Next =
  { by: 'ether-type'; type: number } | { by: 'protocol'; protocol: number } | { by: 'frame' } | { by: 'nothing' };

/** A header that was read, and where to go on. */
export interface Read<L extends Layer = Layer> {
  layer: L;
  /** Where the rest begins, and where it ends. */
  offset: number;
  end: number;
  next: Next;
}

/** Sum of the addresses of an IP header, for the checksum of what follows it. */
export type AddressSum = number;

/** How a layer is read and written. */
export interface Codec<L extends Layer> {
  /** Reads the header at `offset`; undefined when it is cut, or contradicts itself. */
  read(bytes: Uint8Array, offset: number, end: number, protocol: number): Read<L> | undefined;
  /**
   * Writes the layer with all that follows it.
   *
   * @param inner what follows, as bytes
   * @param next the layer that follows
   * @param addresses sum of the addresses of the IP header before it
   */
  write(layer: Partial<L>, inner: Uint8Array, next: LayerInput | undefined, addresses: AddressSum): Uint8Array;
  /** Sum of the addresses, where the layer has some that checksums behind it cover. */
  addresses?(layer: Partial<L>): AddressSum;
}

/** Bytes one behind the other. */
export function join(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export const EMPTY = new Uint8Array(0);

/** Bytes of their own: `slice` of a Buffer would be a view. */
export function copyOf(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return new Uint8Array(bytes.subarray(from, to));
}
