import { wrongType, wrongValue } from '../../check';
import { EMPTY, type AddressSum, type Codec } from './codec';
import { codecs } from './codecs';
import type { Layer, LayerInput } from './types';

/**
 * Makes a packet of its layers, outermost first. Types, lengths and checksums that are left out follow from what is there;
 * those that are given are taken as they are, wrong ones too.
 *
 * ```ts
 * buildPacket([
 *   { layer: 'ethernet', dst: '02:00:00:00:00:09' },
 *   { layer: 'vlan', id: 5 },
 *   { layer: 'ipv6' },
 *   { layer: 'tcp', dstPort: 443, flags: 'S', options: [{ option: 'mss', value: 1440 }] },
 * ]);
 * ```
 *
 * @returns its bytes, without CRC, not padded
 * @throws TypeError, RangeError for fields that no packet can have
 */
export function buildPacket(layers: readonly LayerInput[]): Uint8Array {
  if (!Array.isArray(layers)) throw wrongType('layers', 'an array of layers', layers);
  for (const layer of layers as readonly LayerInput[]) {
    if (!Object.hasOwn(codecs, layer?.layer)) {
      throw wrongValue('layer', `must be one of ${Object.keys(codecs).join(', ')}`, layer?.layer);
    }
  }
  return write(layers, 0, 0);
}

/** @param addresses sum of the addresses of the last IP header */
function write(layers: readonly LayerInput[], k: number, addresses: AddressSum): Uint8Array {
  if (k === layers.length) return EMPTY;
  const layer = layers[k];
  const codec = codecs[layer.layer] as Codec<Layer>;
  const inner = write(layers, k + 1, codec.addresses ? codec.addresses(layer) : addresses);
  return codec.write(layer, inner, layers[k + 1], addresses);
}
