import type { NativeFlow, NativeReceiver } from '../../native-traffic';
import { formatIpv4 } from '../../packet/ipv4';
import { formatIpv6 } from '../../packet/ipv6';
import type { Share } from '../details';
import { read32 } from '../../packet/view/bytes';

const PROTOCOLS: Record<number, string> = {
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPv4',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  58: 'ICMPv6',
  89: 'OSPF',
  112: 'VRRP',
  132: 'SCTP',
};

const SIZES = ['up to 64', '65 to 127', '128 to 255', '256 to 511', '512 to 1023', '1024 to 1518', 'above 1518'];

function protocolName(protocol: number): string {
  return PROTOCOLS[protocol] ?? `protocol ${protocol}`;
}

/** What packets were, by protocol, and how long they were (with CRC, as RMON counts). */
export function protocolShares(receiver: NativeReceiver): Record<'protocols' | 'sizes', Share[]> | undefined {
  const counts = receiver.protocols();
  if (counts === undefined) return undefined;
  const share = (name: string, k: number): Share => ({ name, packets: counts[2 * k], bytes: counts[2 * k + 1] });
  const all: Share[] = [share('ARP', 512), share('other', 513)];
  for (let k = 0; k < 256; k++)
    all.push(share(`IPv4 ${protocolName(k)}`, k), share(`IPv6 ${protocolName(k)}`, 256 + k));
  const present = (list: Share[]) => list.filter(({ packets }) => packets > 0);
  return {
    protocols: present(all).sort((a, b) => b.packets - a.packets),
    sizes: present(SIZES.map((name, k) => share(name, 514 + k))),
  };
}

/** The largest flows. */
export function flowShares(receiver: NativeReceiver, most: number): Share[] {
  return receiver.flows(most).map((flow) => ({ name: flowName(flow), packets: flow.packets, bytes: flow.bytes }));
}

function flowName({ src, dst, srcPort, dstPort, protocol }: NativeFlow): string {
  // Later fragments of a packet have no ports, which counts as 0.
  const hasPorts = (protocol === 6 || protocol === 17) && (srcPort !== 0 || dstPort !== 0);
  const end = (address: Uint8Array, port: number) => {
    const isV6 = address.length === 16;
    const text = isV6 ? formatIpv6(address) : formatIpv4(read32(address, 0));
    return hasPorts ? `${isV6 ? `[${text}]` : text}:${port}` : text;
  };
  return `${end(src, srcPort)} > ${end(dst, dstPort)} ${protocolName(protocol)}`;
}
