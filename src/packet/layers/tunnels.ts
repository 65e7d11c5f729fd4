import { checkInteger } from '../../check';
import { foldSum, sumBytes } from '../checksum';
import { GRE_HEADER, VXLAN_HEADER } from '../layout';
import { read16, write16, write32 } from '../view/bytes';
import { GreView } from '../view/gre-view';
import { VxlanView } from '../view/vxlan-view';
import { join, type Codec } from './codec';
import { etherTypeOf } from './numbers';
import type { GreLayer, VxlanLayer } from './types';

export const vxlan: Codec<VxlanLayer> = {
  read(bytes, offset, end) {
    const view = new VxlanView(bytes);
    if (!view.check(offset, end)) return undefined;
    const { vni, flags } = view;
    // Bits that must be 0 are none that we know how to write again.
    if (bytes[offset + 1] | bytes[offset + 2] | bytes[offset + 3] | bytes[offset + 7]) return undefined;
    return { layer: { layer: 'vxlan', vni, flags }, offset: offset + VXLAN_HEADER, end, next: { by: 'frame' } };
  },

  write({ vni = 1, flags = 8 }, inner) {
    const header = new Uint8Array(VXLAN_HEADER);
    const view = new VxlanView(header);
    view.flags = checkInteger('vxlan flags', flags, 0, 255);
    view.vni = checkInteger('vni', vni, 0, 0xffffff);
    return join(header, inner);
  },
};

export const gre: Codec<GreLayer> = {
  read(bytes, offset, end) {
    const view = new GreView(bytes);
    if (!view.check(offset, end)) return undefined;
    // RFC 1701 had more bits, and a checksum has two bytes behind it that must be 0.
    if ((bytes[offset] & 0x4f) !== 0 || bytes[offset + 1] !== 0) return undefined;
    if (view.hasChecksum && read16(bytes, offset + 6) !== 0) return undefined;
    const layer: GreLayer = { layer: 'gre', protocol: view.protocol };
    if (view.hasChecksum) layer.checksum = read16(bytes, offset + GRE_HEADER);
    if (view.hasKey) layer.key = view.key;
    if (view.hasSequence) layer.sequence = view.sequence;
    return { layer, offset: view.payloadOffset, end, next: { by: 'ether-type', type: view.protocol } };
  },

  write({ protocol, checksum, key, sequence }, inner, next) {
    const fields = [checksum, key, sequence];
    const header = new Uint8Array(GRE_HEADER + 4 * fields.filter((field) => field !== undefined).length);
    header[0] =
      (checksum === undefined ? 0 : 0x80) | (key === undefined ? 0 : 0x20) | (sequence === undefined ? 0 : 0x10);
    write16(header, 2, checkInteger('protocol', protocol ?? etherTypeOf(next), 0, 0xffff));
    let at = GRE_HEADER + (checksum === undefined ? 0 : 4);
    for (const [name, value] of [
      ['key', key],
      ['sequence', sequence],
    ] as const) {
      if (value === undefined) continue;
      write32(header, at, checkInteger(name, value, 0, 0xffffffff));
      at += 4;
    }
    const packet = join(header, inner);
    if (checksum === true) write16(packet, GRE_HEADER, ~foldSum(sumBytes(packet, 0, packet.length)) & 0xffff);
    else if (checksum !== undefined) write16(packet, GRE_HEADER, checkInteger('gre checksum', checksum, 0, 0xffff));
    return packet;
  },
};
