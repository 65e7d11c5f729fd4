import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** The network interface that a port is of, if it is of one. */
function interfaceOf(port: string): string | undefined {
  return /^netmap:([^-*^@/{}]+)[^{}]*$/.exec(port)?.[1];
}

/** MAC address of the interface that a port is of; undefined where there is none. */
export function interfaceMac(port: string): string | undefined {
  return attribute(port, 'address') ?? networkInterfaces()[interfaceOf(port) ?? '']?.[0].mac;
}

/** Its longest frame without header and CRC; undefined where the system does not say. */
export function interfaceMtu(port: string): number | undefined {
  const text = attribute(port, 'mtu');
  return text === undefined ? undefined : Number(text);
}

/** What Linux has to say about an interface. */
function attribute(port: string, name: 'address' | 'mtu'): string | undefined {
  const device = interfaceOf(port);
  if (device === undefined || device.includes('..')) return undefined;
  try {
    return readFileSync(`/sys/class/net/${device}/${name}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
