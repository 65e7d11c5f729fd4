import { checkInteger } from '../../check';
import { formatIpv4, parseIpv4 } from '../ipv4';
import { ARP_IPV4, TYPE_IPV4 } from '../layout';
import { formatMac, parseMac } from '../mac';
import { ArpView } from '../view/arp-view';
import { write16 } from '../view/bytes';
import { join, type Codec } from './codec';
import { DEFAULT_SRC_MAC } from './ethernet';
import type { ArpLayer } from './types';

export const arp: Codec<ArpLayer> = {
  read(bytes, offset, end) {
    const view = new ArpView(bytes);
    if (!view.check(offset, end)) return undefined;
    const layer: ArpLayer = {
      layer: 'arp',
      operation: view.operation,
      senderMac: formatMac(bytes, view.senderMacOffset),
      senderIp: formatIpv4(view.senderIp),
      targetMac: formatMac(bytes, view.targetMacOffset),
      targetIp: formatIpv4(view.targetIp),
    };
    return { layer, offset: offset + ARP_IPV4, end, next: { by: 'nothing' } };
  },

  write(layer, inner) {
    const { operation = 1, senderMac = DEFAULT_SRC_MAC, senderIp = '10.0.0.1' } = layer;
    const { targetMac = '00:00:00:00:00:00', targetIp = '10.1.0.1' } = layer;
    const packet = new Uint8Array(ARP_IPV4);
    write16(packet, 0, 1);
    write16(packet, 2, TYPE_IPV4);
    write16(packet, 4, 0x0604); // bytes of a MAC address, and of an IPv4 address
    const view = new ArpView(packet);
    view.operation = checkInteger('arp operation', operation, 0, 0xffff);
    packet.set(parseMac(senderMac), view.senderMacOffset);
    view.senderIp = parseIpv4(senderIp);
    packet.set(parseMac(targetMac), view.targetMacOffset);
    view.targetIp = parseIpv4(targetIp);
    return join(packet, inner);
  },
};
