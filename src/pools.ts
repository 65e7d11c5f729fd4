import { PoolsInfoBody, type PoolPlace } from './abi';
import { REQ } from './constants';
import { errno } from './errno';
import type { DeviceKind } from './native';
import { readInfoOptions, readPortName, type InfoOptions } from './port-info';
import { request } from './request';

/** How a memory region is divided, see {@link poolsInfo}. */
export interface PoolsInfo {
  device: DeviceKind;
  memId: number;
  /** Bytes of the whole region. */
  memSize: number;
  /** `netmap_if` structures: one for each open of a port. */
  interfaces: PoolPlace;
  /** `netmap_ring` structures: 256 bytes and 16 for each slot must fit into `size`. */
  rings: PoolPlace;
  /** Packet buffers. Two of them are reserved. */
  buffers: PoolPlace;
}

/**
 * The pools of the memory region that a port uses or would use (`POOLS_INFO_GET`): how many objects of what size there can
 * be, and where in the region they lie. Not how many are free, which netmap tells nobody.
 *
 * @param port as for {@link portInfo}
 * @throws NetmapError as {@link portInfo} does
 */
export function poolsInfo(port: string | { name: string }, options: InfoOptions = {}): PoolsInfo {
  const name = readPortName('port', port);
  const body = new PoolsInfoBody(readInfoOptions(options));
  const device = request(options, {
    doing: 'asking about the memory of',
    call: 'POOLS_INFO_GET',
    type: REQ.POOLS_INFO_GET,
    name,
    body,
    hints: {
      [errno.ENXIO]: 'there is no such interface: see "ip link"',
      [errno.EINVAL]: 'the memory region must be one that somebody uses',
    },
  });
  const { memId, memSize, interfaces, rings, buffers } = body;
  return { device, memId, memSize, interfaces, rings, buffers };
}
