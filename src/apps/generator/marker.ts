import type { PacketView } from '../../packet';
import { LAYER } from '../../packet/view';
import { MARKER } from '../../packet/marker';
import { write16, write32 } from '../../packet/view/bytes';

/** Which marks a generator puts into its packets. */
export interface Marks {
  /** Tells generators apart. */
  stream: number;
  /** Whether packets carry the time at which they were made. */
  time: boolean;
}

/** Where the numbers lie that change with each packet. */
export interface MarkPlaces {
  number: number;
  time: number | undefined;
}

/**
 * Makes room for a generator's marks at the start of the payload of UDP, TCP or ICMP, as far as there is room, and puts in what is
 * the same in all packets.
 *
 * @param packet a view that was moved to the frame
 * @returns where in the frame the rest belongs; undefined when there is no room, or no such payload
 */
export function mark(packet: PacketView, { stream, time }: Marks): MarkPlaces | undefined {
  const carriers = LAYER.UDP | LAYER.TCP | LAYER.ICMP | LAYER.ICMPV6;
  if ((packet.layers & carriers) === 0 || packet.isFragment) return undefined;
  const { bytes } = packet;
  const at = packet.has(LAYER.VXLAN) ? packet.udp.payloadOffset : packet.payloadOffset;
  const room = packet.payloadEnd - at;
  if (packet.has(LAYER.VXLAN) || room < MARKER.NUMBER_BYTES) return undefined;
  const withTime = time && room >= MARKER.TIME_BYTES;
  const withStream = room >= MARKER.STREAM_BYTES;
  write16(bytes, at, withTime ? MARKER.TIME : withStream ? MARKER.STREAM : MARKER.NUMBER);
  write32(bytes, at + 2, 0);
  if (withStream) write32(bytes, at + 6, stream);
  if (withTime) bytes.fill(0, at + 10, at + 18);
  packet.fillChecksums();
  const start = at - packet.offset;
  return { number: start + 2, time: withTime ? start + 10 : undefined };
}
