import { PortInfoBody, type Counts } from './abi';
import { checkInteger, checkObject, wrongType } from './check';
import { REQ } from './constants';
import { errno } from './errno';
import type { DeviceKind } from './native';
import { parsePortName } from './name';
import { checkName, request, type RequestOptions } from './request';

/** What {@link portInfo} tells. */
export interface PortInfo extends Counts {
  device: DeviceKind;
  /** Id of its memory region. */
  memId: number;
  /** Bytes of that region. */
  memSize: number;
}

export interface InfoOptions extends RequestOptions {
  /** A memory region that must exist, 1 to 65535. Default: the port's own. */
  memId?: number;
}

/** `netmap:eth0`, `vale0:a`, or `{ name }` taken literally: what {@link open} would call it, less the ring and the flags. */
export function readPortName(argument: string, port: string | { name: string }): string {
  if (typeof port === 'string') return parsePortName(port).name;
  if (typeof port !== 'object' || port === null) throw wrongType(argument, 'a port name or an object', port);
  checkObject(argument, port, ['name']);
  return checkName(`${argument}.name`, port.name);
}

export function readInfoOptions(options: InfoOptions): number {
  checkObject('options', options, ['device', 'memId']);
  return checkInteger('options.memId', options.memId ?? 0, 0, 0xffff);
}

/**
 * Rings, slots and memory of a port (`PORT_INFO_GET`), without opening it. Of a switch port or pipe that nobody has open it
 * tells what it would be.
 *
 * ```ts
 * portInfo('netmap:eth0').rxRings
 * ```
 *
 * @throws NetmapError `ENXIO` when there is no such interface, `EINVAL` for a memory region that does not exist, `ENOMEM`
 *   for a malformed switch name or when no more switches or ports fit
 */
export function portInfo(port: string | { name: string }, options: InfoOptions = {}): PortInfo {
  const name = readPortName('port', port);
  return info(name, readInfoOptions(options), options);
}

/**
 * A memory region (`PORT_INFO_GET` without a name).
 *
 * @param memId 1 = the region that all network cards share
 * @throws NetmapError `EINVAL` when there is no such region
 */
export function regionInfo(memId = 1, options: RequestOptions = {}): Pick<PortInfo, 'device' | 'memId' | 'memSize'> {
  checkInteger('memId', memId, 1, 0xffff);
  checkObject('options', options, ['device']);
  const { device, memSize } = info('', memId, options);
  return { device, memId, memSize };
}

function info(name: string, memId: number, options: RequestOptions): PortInfo {
  const body = new PortInfoBody(memId);
  const device = request(options, {
    doing: 'asking about',
    call: 'PORT_INFO_GET',
    type: REQ.PORT_INFO_GET,
    name,
    label: name === '' ? `memory region ${memId}` : name,
    body,
    hints: {
      [errno.ENXIO]: 'there is no such interface: see "ip link"',
      [errno.EINVAL]: 'the memory region must be one that somebody uses',
    },
  });
  return { device, memId: body.memId, memSize: body.memSize, ...body.counts };
}
