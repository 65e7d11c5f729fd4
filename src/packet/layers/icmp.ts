import { checkInteger } from '../../check';
import { ICMP_HEADER, PROTOCOL_ICMPV6 } from '../layout';
import { IcmpView } from '../view/icmp-view';
import { join, type Codec } from './codec';
import type { IcmpLayer, Icmpv6Layer } from './types';

type Fields = Omit<IcmpLayer, 'layer'>;

function read(bytes: Uint8Array, offset: number, end: number): Fields | undefined {
  const view = new IcmpView(bytes);
  if (!view.check(offset, end)) return undefined;
  const { type, code, checksum, identifier, sequence } = view;
  return { type, code, checksum, identifier, sequence };
}

function write(fields: Partial<Fields>, type: number, inner: Uint8Array, pseudoSum: number): Uint8Array {
  const packet = join(new Uint8Array(ICMP_HEADER), inner);
  const view = new IcmpView(packet).at(0, packet.length);
  view.type = checkInteger('icmp type', fields.type ?? type, 0, 255);
  view.code = checkInteger('icmp code', fields.code ?? 0, 0, 255);
  view.identifier = checkInteger('identifier', fields.identifier ?? 1, 0, 0xffff);
  view.sequence = checkInteger('sequence', fields.sequence ?? 1, 0, 0xffff);
  if (fields.checksum === undefined) view.fillChecksum(pseudoSum);
  else view.checksum = checkInteger('icmp checksum', fields.checksum, 0, 0xffff);
  return packet;
}

export const icmp: Codec<IcmpLayer> = {
  read(bytes, offset, end) {
    const fields = read(bytes, offset, end);
    return (
      fields && { layer: { layer: 'icmp', ...fields }, offset: offset + ICMP_HEADER, end, next: { by: 'nothing' } }
    );
  },
  write: (layer, inner) => write(layer, 8, inner, 0),
};

export const icmpv6: Codec<Icmpv6Layer> = {
  read(bytes, offset, end) {
    const fields = read(bytes, offset, end);
    return (
      fields && { layer: { layer: 'icmpv6', ...fields }, offset: offset + ICMP_HEADER, end, next: { by: 'nothing' } }
    );
  },
  write: (layer, inner, _, addresses) =>
    write(layer, 128, inner, addresses + PROTOCOL_ICMPV6 + ICMP_HEADER + inner.length),
};
