import { EXTENSION } from '../layout';
import { read16 } from './bytes';

/** Where the extension headers of an IPv6 packet end. Made once and filled anew. */
export class ExtensionEnd {
  /** Protocol number of what follows them. */
  protocol = 0;
  /** Where that begins. */
  offset = 0;
  /** Whether the packet is only a part of one, and not its first: then what follows is no header. */
  isLaterFragment = false;
  /** Whether the packet is only a part of one. */
  isFragment = false;
}

/**
 * Steps over the extension headers of an IPv6 packet (RFC 8200, section 4): hop-by-hop, routing, destination options, fragment,
 * authentication (RFC 4302), mobility, HIP, shim6.
 *
 * @param bytes memory
 * @param offset of the first of them, or of what follows when there is none
 * @param end of the packet
 * @param nextHeader of the IPv6 header
 * @param into is filled in
 * @returns false when one of them is cut
 */
export function skipExtensions(
  bytes: Uint8Array,
  offset: number,
  end: number,
  nextHeader: number,
  into: ExtensionEnd,
): boolean {
  into.isFragment = into.isLaterFragment = false;
  let protocol = nextHeader;
  let at = offset;
  while (isExtension(protocol)) {
    if (at + 8 > end) return false;
    const length = extensionLength(protocol, bytes[at + 1]);
    if (at + length > end) return false;
    if (protocol === EXTENSION.FRAGMENT) {
      const word = read16(bytes, at + 2);
      into.isFragment ||= (word & 0xfff9) !== 0;
      into.isLaterFragment ||= word >>> 3 !== 0;
    }
    protocol = bytes[at];
    at += length;
    if (into.isLaterFragment) break;
  }
  into.protocol = protocol;
  into.offset = at;
  return true;
}

/** Whether a protocol number is that of an extension header that can be stepped over. */
export function isExtension(protocol: number): boolean {
  switch (protocol) {
    case EXTENSION.HOP_BY_HOP:
    case EXTENSION.ROUTING:
    case EXTENSION.FRAGMENT:
    case EXTENSION.AUTHENTICATION:
    case EXTENSION.DESTINATION:
    case EXTENSION.MOBILITY:
    case EXTENSION.HIP:
    case EXTENSION.SHIM6:
      return true;
    default:
      return false;
  }
}

/** Bytes of an extension header, from its length field: units of 8 bytes beyond the first, of 4 for authentication. */
export function extensionLength(protocol: number, field: number): number {
  if (protocol === EXTENSION.FRAGMENT) return 8;
  return protocol === EXTENSION.AUTHENTICATION ? (field + 2) << 2 : (field + 1) << 3;
}
