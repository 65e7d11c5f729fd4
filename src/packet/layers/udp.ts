import { checkInteger } from '../../check';
import { foldSum, sumBytes } from '../checksum';
import { PORT_VXLAN, PROTOCOL_UDP, UDP_HEADER } from '../layout';
import { UdpView } from '../view/udp-view';
import { copyOf, EMPTY, join, type Codec, type Next } from './codec';
import type { UdpLayer } from './types';

/** What says that VXLAN follows, beside the port. */
const VXLAN_FLAG = 0x08;

export const udp: Codec<UdpLayer> = {
  read(bytes, offset, end) {
    const view = new UdpView(bytes);
    if (!view.check(offset, end)) return undefined;
    const { srcPort, dstPort, length, checksum } = view;
    const packetEnd = Math.min(offset + length, end);
    const layer: UdpLayer = {
      layer: 'udp',
      srcPort,
      dstPort,
      length,
      checksum,
      trailer: copyOf(bytes, packetEnd, end),
    };
    const start = offset + UDP_HEADER;
    const isVxlan = dstPort === PORT_VXLAN && start < packetEnd && bytes[start] === VXLAN_FLAG;
    const next: Next = isVxlan ? { by: 'protocol', protocol: -PORT_VXLAN } : { by: 'nothing' };
    return { layer, offset: start, end: packetEnd, next };
  },

  write(layer, inner, next, addresses) {
    const { srcPort = 1234, dstPort = next?.layer === 'vxlan' ? PORT_VXLAN : 1234, trailer = EMPTY } = layer;
    const packet = join(new Uint8Array(UDP_HEADER), inner);
    const view = new UdpView(packet).at(0, packet.length);
    view.srcPort = checkInteger('srcPort', srcPort, 0, 0xffff);
    view.dstPort = checkInteger('dstPort', dstPort, 0, 0xffff);
    view.length = checkInteger('udp length', layer.length ?? packet.length, 0, 0xffff);
    // The sum is over what is there: a length that says something else does not change where the packet ends.
    const sum = foldSum(sumBytes(packet, 0, packet.length) + addresses + PROTOCOL_UDP + view.length);
    const checksum = layer.checksum ?? (~sum & 0xffff || 0xffff);
    view.checksum = checkInteger('udp checksum', checksum, 0, 0xffff);
    return join(packet, trailer);
  },
};
