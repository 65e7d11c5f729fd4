import type { Traffic } from '../apps';
import type { Port } from '../port';
import type { Ring } from '../ring';
import { bitRate, count, packetRate } from './format';

/** Which port was taken, and on which device: the first line of a tool. */
export function describePort(port: Port, rings: readonly Ring[]): { fields: object; text: string } {
  const { name, device, bufSize } = port;
  const slots = rings[0]?.numSlots ?? 0;
  const kind = rings === port.txRings ? 'tx' : 'rx';
  return {
    fields: { device, port: name, rings: rings.length, slots, bufSize },
    text: `${name} on the ${device}: ${count(rings.length, `${kind} ring`)} of ${slots} slots, buffers of ${bufSize} bytes`,
  };
}

/** What was moved, in one line: `sent 5 packets, ...`. */
export function describeTraffic(verb: string, { packets, bytes, seconds, pps }: Traffic): string {
  const total = `${verb} ${count(packets, 'packet')}, ${count(bytes, 'byte')} in ${seconds.toFixed(2)} s`;
  return seconds > 0 ? `${total}: ${packetRate(pps)}, ${bitRate((8 * bytes) / seconds)}` : total;
}
