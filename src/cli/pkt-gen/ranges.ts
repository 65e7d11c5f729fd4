import { isIPv4, isIPv6 } from 'node:net';
import { parseIpv4 } from '../../packet/ipv4';
import { formatIpv4 } from '../../packet/ipv4';
import { formatIpv6 } from '../../packet/ipv6';
import { parseIpv6 } from '../../packet/ipv6';
import { say } from './say';

/** Addresses and ports as `-s` and `-d` give them: `10.0.0.1:1000-10.0.0.9:2000`, `7@[fd00::1]:1234`. */
export interface AddressRange {
  text: string;
  first: string;
  last: string;
  firstPort: number;
  lastPort: number;
  /** IPv6: the group of 16 bits that goes from first to last, 0 to 7; of a destination, that of the second address counts. */
  group: number;
  lastGroup: number;
}

const PORT = 1234;

interface End {
  address: string;
  port: number | undefined;
  group: number | undefined;
}

/** @throws Error for text that is no address */
export function parseRange(text: string, isV6: boolean): AddressRange {
  const [from, to] = splitEnds(text);
  const start = isV6 ? readV6(from) : readV4(from);
  const end = to === undefined ? start : isV6 ? readV6(to) : readV4(to);
  const ports = [start.port ?? PORT, end.port ?? start.port ?? PORT].sort((a, b) => a - b);
  let [first, last] = [start.address, end.address];
  if (!isV6 && parseIpv4(first) > parseIpv4(last)) [first, last] = [last, first];
  const group = start.group ?? 7;
  const lastGroup = end.group ?? group;
  const range = { text, first, last, firstPort: ports[0], lastPort: ports[1], group, lastGroup };
  if (isV6) {
    say('extract_ip_range [479]', `range is ${group}@[${first}]:${ports[0]} to ${lastGroup}@[${last}]:${ports[1]}`);
  } else {
    say('extract_ip_range [477]', `range is ${first}:${ports[0]} to ${last}:${ports[1]}`);
  }
  return range;
}

function splitEnds(text: string): [string, string | undefined] {
  const at = text.indexOf('-');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function readV4(text: string): End {
  const [address, port] = text.split(':');
  if (!isIPv4(address)) throw new Error(`invalid IPv4 address '${address}'`);
  return { address: formatIpv4(parseIpv4(address)), port: readPort(port), group: undefined };
}

function readV6(text: string): End {
  // An IPv4 address, as the defaults are, is no address here.
  if (isIPv4(text)) return { address: '::', port: undefined, group: undefined };
  const parts = /^(?:(\d+)@)?(?:\[([^\]]*)\](?::(.*))?|([^\]]*))$/.exec(text);
  const address = parts?.[2] ?? parts?.[4];
  if (parts === null || address === undefined || !isIPv6(address)) throw new Error(`invalid IPv6 address '${text}'`);
  const group = parts[1] === undefined ? undefined : Math.min(7, Number(parts[1]));
  return { address: formatIpv6(parseIpv6(address)), port: readPort(parts[3]), group };
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 0xffff || text === '') throw new Error(`invalid port '${text}'`);
  return port;
}
