import { createRequire } from 'node:module';

/**
 * The parts of the library that need no addon, by module. They are loaded from where the build puts them; a plain import
 * can't say that, because the compiled tests lie one folder deeper than their sources.
 */
const load = createRequire(__filename);

export const { parsePortName } = load('../../lib/name') as typeof import('../lib/name');
export const { NetmapError } = load('../../lib/errors') as typeof import('../lib/errors');
export const packet = load('../../lib/packet') as typeof import('../lib/packet');
export const pcap = load('../../lib/pcap') as typeof import('../lib/pcap');
