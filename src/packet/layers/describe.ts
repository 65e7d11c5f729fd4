import { EXTENSION } from '../layout';
import { isLength } from './numbers';
import { parsePacket } from './parse';
import type { Ipv4Layer, Ipv6ExtensionLayer, Ipv6Layer, Layer, TcpLayer, TcpOption } from './types';

const ICMP_TYPES: Record<number, string> = {
  0: 'echo reply',
  3: 'unreachable',
  5: 'redirect',
  8: 'echo request',
  11: 'time exceeded',
};

const ICMPV6_TYPES: Record<number, string> = {
  1: 'unreachable',
  2: 'packet too big',
  3: 'time exceeded',
  128: 'echo request',
  129: 'echo reply',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbour solicitation',
  136: 'neighbour advertisement',
};

const EXTENSIONS: Record<number, string> = {
  [EXTENSION.HOP_BY_HOP]: 'hop-by-hop',
  [EXTENSION.ROUTING]: 'routing',
  [EXTENSION.AUTHENTICATION]: 'authentication',
  [EXTENSION.DESTINATION]: 'destination options',
};

/**
 * A packet in one line of text, for logs and people:
 *
 * ```
 * 02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff vlan 5 10.0.0.1:1234 > 10.1.0.1:9 UDP 18 bytes
 * ```
 *
 * @param packet a frame, or the layers of one
 * @param offset where the frame starts, 0 by default
 * @param length its bytes without CRC, by default all behind `offset`
 */
export function describePacket(packet: Uint8Array | readonly Layer[], offset?: number, length?: number): string {
  const layers = packet instanceof Uint8Array ? parsePacket(packet, offset, length) : packet;
  const words: string[] = [];
  layers.forEach((layer, k) => words.push(...describe(layer, layers[k + 1])));
  return words.join(' ');
}

function describe(layer: Layer, next: Layer | undefined): string[] {
  switch (layer.layer) {
    case 'ethernet':
      return [`${layer.src} > ${layer.dst}`, ...unknownType(layer.etherType, next)];
    case 'vlan':
      return [
        `vlan ${layer.id}`,
        ...(layer.priority ? [`priority ${layer.priority}`] : []),
        ...unknownType(layer.etherType, next),
      ];
    case 'arp':
      return layer.operation === 1
        ? [`ARP who has ${layer.targetIp}? tell ${layer.senderIp}`]
        : layer.operation === 2
          ? [`ARP ${layer.senderIp} is at ${layer.senderMac}`]
          : [`ARP operation ${layer.operation}`];
    case 'ipv4':
      return [...addresses(layer, next), ...fragment(layer), ...unknownProtocol(layer.protocol, next)];
    case 'ipv6':
      return [...addresses(layer, next), ...unknownProtocol(layer.nextHeader, next)];
    case 'ipv6-extension':
      return [...extension(layer), ...unknownProtocol(layer.nextHeader, next)];
    case 'icmp':
    case 'icmpv6': {
      const v6 = layer.layer === 'icmpv6';
      const name = (v6 ? ICMPV6_TYPES : ICMP_TYPES)[layer.type] ?? `type ${layer.type}`;
      const echo = /^echo/.test(name) ? ` id ${layer.identifier} sequence ${layer.sequence}` : '';
      return [`${v6 ? 'ICMPv6' : 'ICMP'} ${name}${layer.code ? ` code ${layer.code}` : ''}${echo}`];
    }
    case 'udp':
      return next?.layer === 'vxlan' ? ['UDP'] : [`UDP ${bytes(layer.length - 8)}`];
    case 'tcp':
      return describeTcp(layer, next);
    case 'vxlan':
      return [`VXLAN ${layer.vni} |`];
    case 'gre':
      return [`GRE${layer.key === undefined ? '' : ` key ${layer.key}`} |`, ...unknownType(layer.protocol, next)];
    case 'payload':
      return layer.problem === undefined ? [] : [`(${layer.problem}: ${bytes(layer.data.length)})`];
  }
}

/** Addresses, with the ports of what follows directly. */
function addresses({ layer, src, dst }: Ipv4Layer | Ipv6Layer, next: Layer | undefined): string[] {
  if (next?.layer !== 'udp' && next?.layer !== 'tcp') return [`${src} > ${dst}`];
  const brackets = (address: string) => (layer === 'ipv6' ? `[${address}]` : address);
  return [`${brackets(src)}:${next.srcPort} > ${brackets(dst)}:${next.dstPort}`];
}

function fragment({ fragmentOffset, moreFragments }: Ipv4Layer): string[] {
  if (!moreFragments && fragmentOffset === 0) return [];
  return [`fragment at ${fragmentOffset}${moreFragments ? '' : ' (last)'}`];
}

function extension({ protocol, data }: Ipv6ExtensionLayer): string[] {
  if (protocol !== EXTENSION.FRAGMENT) return [EXTENSIONS[protocol] ?? `extension ${protocol}`];
  const word = (data[1] << 8) | data[2];
  return [`fragment at ${word & 0xfff8}${word & 1 ? '' : ' (last)'}`];
}

function describeTcp(
  { flags, sequence, acknowledgment, window, options }: TcpLayer,
  next: Layer | undefined,
): string[] {
  const ack = flags.includes('A') ? ` ack ${acknowledgment}` : '';
  const known = options.map(describeOption).filter((text) => text !== '');
  const list = known.length > 0 ? ` <${known.join(', ')}>` : '';
  const length = next?.layer === 'payload' ? next.data.length : 0;
  return [`TCP [${flags}] sequence ${sequence}${ack} window ${window}${list} ${bytes(length)}`];
}

function describeOption(option: TcpOption): string {
  switch (option.option) {
    case 'mss':
      return `mss ${option.value}`;
    case 'window-scale':
      return `window scale ${option.shift}`;
    case 'sack-permitted':
      return 'sack permitted';
    case 'sack':
      return `sack ${option.blocks.map(([from, to]) => `${from}-${to}`).join(' ')}`;
    case 'timestamps':
      return `timestamps ${option.value} ${option.echo}`;
    case 'other':
      return `option ${option.kind}`;
    default:
      return '';
  }
}

/** What is behind a header, where that is not shown by itself. */
function unknownType(type: number, next: Layer | undefined): string[] {
  if (next !== undefined && next.layer !== 'payload') return [];
  const length = next === undefined ? 0 : next.data.length;
  return [isLength(type) ? `802.3 ${bytes(length)}` : `type 0x${type.toString(16).padStart(4, '0')} ${bytes(length)}`];
}

function unknownProtocol(protocol: number, next: Layer | undefined): string[] {
  if (next !== undefined && next.layer !== 'payload') return [];
  return [`protocol ${protocol} ${bytes(next === undefined ? 0 : next.data.length)}`];
}

function bytes(n: number): string {
  return `${n} byte${n === 1 ? '' : 's'}`;
}
