import { checkBytes, checkInteger, outOfRange } from '../../check';
import { sumBytes } from '../checksum';
import { formatIpv6, parseIpv6 } from '../ipv6';
import { EXTENSION, IPV6_HEADER } from '../layout';
import { read16 } from '../view/bytes';
import { extensionLength } from '../view/extensions';
import { Ipv6View } from '../view/ipv6-view';
import { copyOf, EMPTY, join, type Codec } from './codec';
import { protocolOf } from './numbers';
import type { Ipv6ExtensionLayer, Ipv6Layer } from './types';

const DEFAULT_SRC = 'fd00::1';
const DEFAULT_DST = 'fd00::2';

export const ipv6: Codec<Ipv6Layer> = {
  read(bytes, offset, end) {
    const view = new Ipv6View(bytes);
    if (!view.check(offset, end)) return undefined;
    const { packetEnd, nextHeader } = view;
    const layer: Ipv6Layer = {
      layer: 'ipv6',
      src: formatIpv6(bytes, view.srcOffset),
      dst: formatIpv6(bytes, view.dstOffset),
      trafficClass: view.trafficClass,
      flowLabel: view.flowLabel,
      payloadLength: view.payloadLength,
      nextHeader,
      hopLimit: view.hopLimit,
      trailer: copyOf(bytes, packetEnd, end),
    };
    return { layer, offset: offset + IPV6_HEADER, end: packetEnd, next: { by: 'protocol', protocol: nextHeader } };
  },

  write(layer, inner, next) {
    const { trailer = EMPTY, trafficClass = 0, flowLabel = 0, hopLimit = 64 } = layer;
    const header = new Uint8Array(IPV6_HEADER);
    const view = new Ipv6View(header).at(0, IPV6_HEADER);
    header[0] = 0x60;
    view.trafficClass = checkInteger('trafficClass', trafficClass, 0, 255);
    view.flowLabel = checkInteger('flowLabel', flowLabel, 0, 0xfffff);
    view.payloadLength = checkInteger('payloadLength', layer.payloadLength ?? inner.length, 0, 0xffff);
    view.nextHeader = checkInteger('nextHeader', layer.nextHeader ?? protocolOf(next), 0, 255);
    view.hopLimit = checkInteger('hopLimit', hopLimit, 0, 255);
    header.set(parseIpv6(layer.src ?? DEFAULT_SRC), view.srcOffset);
    header.set(parseIpv6(layer.dst ?? DEFAULT_DST), view.dstOffset);
    return join(header, inner, trailer);
  },

  addresses({ src = DEFAULT_SRC, dst = DEFAULT_DST }) {
    return sumBytes(join(parseIpv6(src), parseIpv6(dst)), 0, 32);
  },
};

export const ipv6Extension: Codec<Ipv6ExtensionLayer> = {
  read(bytes, offset, end, protocol) {
    if (offset + 8 > end) return undefined;
    const length = extensionLength(protocol, bytes[offset + 1]);
    if (offset + length > end) return undefined;
    const nextHeader = bytes[offset];
    const data = copyOf(bytes, offset + 1, offset + length);
    const layer: Ipv6ExtensionLayer = { layer: 'ipv6-extension', protocol, nextHeader, data };
    const isLaterFragment = protocol === EXTENSION.FRAGMENT && read16(bytes, offset + 2) >>> 3 !== 0;
    const next = isLaterFragment ? ({ by: 'nothing' } as const) : ({ by: 'protocol', protocol: nextHeader } as const);
    return { layer, offset: offset + length, end, next };
  },

  write({ nextHeader, data = new Uint8Array(7) }, inner, next) {
    if (checkBytes('extension data', data).length % 4 !== 3 || data.length < 7) {
      throw outOfRange('extension data', '8 n + 7 bytes', data.length);
    }
    return join(Uint8Array.of(checkInteger('nextHeader', nextHeader ?? protocolOf(next), 0, 255)), data, inner);
  },
};
