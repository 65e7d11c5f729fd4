import { checkInteger } from '../../check';
import { ETHERNET_HEADER, TYPE_SERVICE_VLAN, TYPE_VLAN, VLAN_TAG } from '../layout';
import { BROADCAST_MAC, formatMac, parseMac } from '../mac';
import { write16 } from '../view/bytes';
import { EthernetView } from '../view/ethernet-view';
import { VlanView } from '../view/vlan-view';
import { join, type Codec } from './codec';
import { etherTypeOf } from './numbers';
import type { EthernetLayer, VlanLayer } from './types';

/** The source address of frames unless told otherwise: locally administered. */
export const DEFAULT_SRC_MAC = '02:00:00:00:00:01';

export const ethernet: Codec<EthernetLayer> = {
  read(bytes, offset, end) {
    const view = new EthernetView(bytes);
    if (!view.check(offset, end)) return undefined;
    const { etherType } = view;
    const layer: EthernetLayer = {
      layer: 'ethernet',
      dst: formatMac(bytes, offset),
      src: formatMac(bytes, offset + 6),
      etherType,
    };
    return { layer, offset: offset + ETHERNET_HEADER, end, next: { by: 'ether-type', type: etherType } };
  },

  write({ dst = BROADCAST_MAC, src = DEFAULT_SRC_MAC, etherType }, inner, next) {
    const header = new Uint8Array(ETHERNET_HEADER);
    header.set(parseMac(dst), 0);
    header.set(parseMac(src), 6);
    write16(header, 12, checkInteger('etherType', etherType ?? tagType(next, inner), 0, 0xffff));
    return join(header, inner);
  },
};

/** The outer one of two tags is announced by another type than a single one: what is inside has been written already. */
function tagType(next: Parameters<Codec<EthernetLayer>['write']>[2], inner: Uint8Array): number {
  if (next?.layer !== 'vlan') return etherTypeOf(next);
  const type = new VlanView(inner).at(0, inner.length).etherType;
  return type === TYPE_VLAN || type === TYPE_SERVICE_VLAN ? TYPE_SERVICE_VLAN : TYPE_VLAN;
}

export const vlan: Codec<VlanLayer> = {
  read(bytes, offset, end) {
    const view = new VlanView(bytes);
    if (!view.check(offset, end)) return undefined;
    const { id, priority, dropEligible, etherType } = view;
    const layer: VlanLayer = { layer: 'vlan', id, priority, dropEligible, etherType };
    return { layer, offset: offset + VLAN_TAG, end, next: { by: 'ether-type', type: etherType } };
  },

  write({ id = 1, priority = 0, dropEligible = false, etherType }, inner, next) {
    const header = new Uint8Array(VLAN_TAG);
    const view = new VlanView(header);
    view.id = checkInteger('vlan id', id, 0, 4095);
    view.priority = checkInteger('vlan priority', priority, 0, 7);
    view.dropEligible = dropEligible;
    view.etherType = checkInteger('etherType', etherType ?? etherTypeOf(next), 0, 0xffff);
    return join(header, inner);
  },
};
