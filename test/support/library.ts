import { createRequire } from 'node:module';

/**
 * The built library, loaded from where the build puts it; a plain import can't say that, because the compiled tests lie
 * one folder deeper than their sources.
 */
const load = createRequire(__filename);

export type Library = typeof import('../../lib/index');
export type { CsbPort, KloopOptions, Port, PortOptions, Ring, StructuredSpec, Counters } from '../../lib/index';

export const lib: Library = load('../../../lib/index') as Library;
/** What the public interface hides: requests and syncs as the device sees them. */
export const inside = {
  ...(load('../../../lib/native') as typeof import('../../lib/native')),
  ...(load('../../../lib/abi') as typeof import('../../lib/abi')),
  ...(load('../../../lib/constants') as typeof import('../../lib/constants')),
  ...(load('../../../lib/port') as typeof import('../../lib/port')),
};
