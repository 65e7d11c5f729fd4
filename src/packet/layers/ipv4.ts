import { checkBytes, checkInteger, outOfRange } from '../../check';
import { sumBytes } from '../checksum';
import { formatIpv4, parseIpv4 } from '../ipv4';
import { IPV4_HEADER } from '../layout';
import { write16, write32 } from '../view/bytes';
import { Ipv4View } from '../view/ipv4-view';
import { copyOf, EMPTY, join, type Codec } from './codec';
import { protocolOf } from './numbers';
import type { Ipv4Layer } from './types';

const DEFAULT_SRC = '10.0.0.1';
const DEFAULT_DST = '10.1.0.1';

export const ipv4: Codec<Ipv4Layer> = {
  read(bytes, offset, end) {
    const view = new Ipv4View(bytes);
    if (!view.check(offset, end)) return undefined;
    const { packetEnd, headerLength, protocol, fragmentOffset } = view;
    const layer: Ipv4Layer = {
      layer: 'ipv4',
      src: formatIpv4(view.src),
      dst: formatIpv4(view.dst),
      dscp: view.dscp,
      ecn: view.ecn,
      totalLength: view.totalLength,
      identification: view.identification,
      dontFragment: view.dontFragment,
      moreFragments: view.moreFragments,
      reserved: (bytes[offset + 6] & 0x80) !== 0,
      fragmentOffset,
      ttl: view.ttl,
      protocol,
      checksum: view.checksum,
      options: copyOf(bytes, offset + IPV4_HEADER, offset + headerLength),
      trailer: copyOf(bytes, packetEnd, end),
    };
    const next = fragmentOffset === 0 ? ({ by: 'protocol', protocol } as const) : ({ by: 'nothing' } as const);
    return { layer, offset: offset + headerLength, end: packetEnd, next };
  },

  write(layer, inner, next) {
    const { options = EMPTY, trailer = EMPTY, fragmentOffset = 0, ttl = 64, dscp = 0, ecn = 0 } = layer;
    if (checkBytes('ipv4 options', options).length > 40 || options.length % 4 !== 0) {
      throw outOfRange('ipv4 options', 'a multiple of 4 bytes, 40 at most', options.length);
    }
    if (checkInteger('fragmentOffset', fragmentOffset, 0, 65528) % 8 !== 0) {
      throw outOfRange('fragmentOffset', 'a multiple of 8', fragmentOffset);
    }
    const length = IPV4_HEADER + options.length;
    const header = new Uint8Array(length);
    const view = new Ipv4View(header).at(0, length);
    header[0] = 0x40 | (length >>> 2);
    view.dscp = checkInteger('dscp', dscp, 0, 63);
    view.ecn = checkInteger('ecn', ecn, 0, 3);
    view.totalLength = checkInteger('totalLength', layer.totalLength ?? length + inner.length, 0, 0xffff);
    view.identification = checkInteger('identification', layer.identification ?? 0, 0, 0xffff);
    write16(header, 6, flags(layer) | (fragmentOffset >>> 3));
    view.ttl = checkInteger('ttl', ttl, 0, 255);
    view.protocol = checkInteger('protocol', layer.protocol ?? protocolOf(next), 0, 255);
    write32(header, 12, parseIpv4(layer.src ?? DEFAULT_SRC));
    write32(header, 16, parseIpv4(layer.dst ?? DEFAULT_DST));
    header.set(options, IPV4_HEADER);
    if (layer.checksum === undefined) view.fillChecksum();
    else view.checksum = checkInteger('ipv4 checksum', layer.checksum, 0, 0xffff);
    return join(header, inner, trailer);
  },

  addresses({ src = DEFAULT_SRC, dst = DEFAULT_DST }) {
    const bytes = new Uint8Array(8);
    write32(bytes, 0, parseIpv4(src));
    write32(bytes, 4, parseIpv4(dst));
    return sumBytes(bytes, 0, 8);
  },
};

/** Without fragments the identification may stay 0 (RFC 6864), so packets that are none say that they must not become some. */
function flags({ reserved, dontFragment, moreFragments, fragmentOffset }: Partial<Ipv4Layer>): number {
  const whole = !moreFragments && !fragmentOffset;
  return (reserved ? 0x8000 : 0) | ((dontFragment ?? whole) ? 0x4000 : 0) | (moreFragments ? 0x2000 : 0);
}
