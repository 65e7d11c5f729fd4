import { checkBytes, outOfRange } from '../../check';
import {
  PORT_VXLAN,
  PROTOCOL_GRE,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_IPV4,
  PROTOCOL_IPV6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  TYPE_ARP,
  TYPE_ETHERNET,
  TYPE_IPV4,
  TYPE_IPV6,
  TYPE_SERVICE_VLAN,
  TYPE_VLAN,
} from '../layout';
import { isExtension } from '../view/extensions';
import { copyOf, type Next, type Read } from './codec';
import { codecs } from './codecs';
import type { Layer } from './types';

const BY_ETHER_TYPE = new Map<number, Layer['layer']>([
  [TYPE_VLAN, 'vlan'],
  [TYPE_SERVICE_VLAN, 'vlan'],
  [TYPE_ARP, 'arp'],
  [TYPE_IPV4, 'ipv4'],
  [TYPE_IPV6, 'ipv6'],
  [TYPE_ETHERNET, 'ethernet'],
]);

const BY_PROTOCOL = new Map<number, Layer['layer']>([
  [PROTOCOL_ICMP, 'icmp'],
  [PROTOCOL_ICMPV6, 'icmpv6'],
  [PROTOCOL_UDP, 'udp'],
  [PROTOCOL_TCP, 'tcp'],
  [PROTOCOL_GRE, 'gre'],
  [PROTOCOL_IPV4, 'ipv4'],
  [PROTOCOL_IPV6, 'ipv6'],
  [-PORT_VXLAN, 'vxlan'], // a UDP port, told apart by its sign
]);

/**
 * Reads a frame into plain objects, one for each header. For looking at packets, not for reading millions a second: that is
 * what {@link PacketView} is for. Takes any bytes: where a header is cut or contradicts itself, the rest is a `payload` with a
 * `problem`.
 *
 * @param bytes memory that holds the frame
 * @param offset where it starts, 0 by default
 * @param length its bytes without CRC, by default all behind `offset`
 * @returns the layers, outermost first; {@link buildPacket} makes the same bytes of them
 * @throws RangeError when the range does not lie in `bytes`
 */
export function parsePacket(
  bytes: Uint8Array,
  offset = 0,
  length = checkBytes('bytes', bytes).length - offset,
): Layer[] {
  if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) {
    throw outOfRange('offset, length', `a range within ${bytes.length} bytes`, [offset, length]);
  }
  const layers: Layer[] = [];
  let at = offset;
  let end = offset + length;
  let next: Next = { by: 'frame' };
  while (next.by !== 'nothing') {
    const name = layerOf(next);
    if (name === undefined) break;
    const protocol: number = next.by === 'protocol' ? next.protocol : 0;
    const read: Read | undefined = codecs[name].read(bytes, at, end, protocol);
    if (read === undefined) {
      layers.push({ layer: 'payload', data: copyOf(bytes, at, end), problem: `no whole ${name} header` });
      return layers;
    }
    layers.push(read.layer);
    ({ offset: at, end, next } = read);
  }
  if (at < end) layers.push({ layer: 'payload', data: copyOf(bytes, at, end) });
  return layers;
}

function layerOf(next: Next): Layer['layer'] | undefined {
  if (next.by === 'frame') return 'ethernet';
  if (next.by === 'ether-type') return BY_ETHER_TYPE.get(next.type);
  if (next.by === 'protocol') return isExtension(next.protocol) ? 'ipv6-extension' : BY_PROTOCOL.get(next.protocol);
  return undefined;
}
