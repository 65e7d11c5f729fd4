import { checkObject, outOfRange } from './check';
import { REQ } from './constants';
import { errno } from './errno';
import { checkName, request, type RequestOptions } from './request';
import { PortHdrBody } from './vale-bodies';

/** Bytes of virtio-net header in front of every packet of a port: none, the basic one, the one with `num_buffers`. */
export type PortHeaderLength = 0 | 10 | 12;

/**
 * Sets the virtio-net header of a switch port (`PORT_HDR_SET`): its packets begin with one, in both directions. Between ports
 * with and without such headers the switch segments and computes checksums. Who opens the port must say so
 * (`acceptVnetHdr`).
 *
 * @param name `vale0:a`, of a port that is there
 * @throws NetmapError `ENXIO` when it is not; RangeError for other lengths
 */
export function setPortHeader(name: string, length: PortHeaderLength, options: RequestOptions = {}): void {
  checkName('name', name);
  if (length !== 0 && length !== 10 && length !== 12) throw outOfRange('length', '0, 10 or 12', length);
  checkObject('options', options, ['device']);
  request(options, {
    doing: 'setting the header of',
    call: 'PORT_HDR_SET',
    type: REQ.PORT_HDR_SET,
    name,
    body: new PortHdrBody(length),
    hints: { [errno.ENXIO]: 'there is no such port on a switch: vale.list() shows what is there' },
  });
}

/**
 * Bytes of virtio-net header in front of the packets of a port (`PORT_HDR_GET`).
 *
 * @throws NetmapError `ENXIO` when there is no such port
 */
export function getPortHeader(name: string, options: RequestOptions = {}): number {
  checkName('name', name);
  checkObject('options', options, ['device']);
  const body = new PortHdrBody();
  request(options, {
    doing: 'asking for the header of',
    call: 'PORT_HDR_GET',
    type: REQ.PORT_HDR_GET,
    name,
    body,
    hints: { [errno.ENXIO]: 'there is no such port' },
  });
  return body.length;
}
