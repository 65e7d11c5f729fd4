import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Benchmark, Contestant, Measurement, Peer } from '../benchmark';
import { root } from '../library';
import { buildLibrary, buildModel } from '../peers/compiler';
import type { Session } from '../session';

const MODEL = 'preload_model';

async function measure(library: string, session: Session): Promise<Measurement> {
  const { path, error } = buildModel(MODEL);
  if (error !== undefined) throw new Error(error);
  const child = session.command(path, ['--seconds', String(session.seconds), '--library', library]);
  const result = await child.message('result');
  await child.end();
  return result;
}

/** Where the add-on's build puts it. */
function ours(): string {
  const path = join(root, 'build/Release/node_netmap_preload.node');
  if (!existsSync(path)) throw new Error(`${path} is not there: build the package first`);
  return path;
}

const library: Contestant = {
  name: 'node-netmap',
  measure: (_conditions, session) => measure(ours(), session),
};

const emptyLibrary: Peer = {
  name: 'an empty library',
  fits: () => true,
  missing: () => buildLibrary('empty_library').error,
  measure: (_conditions, session) => measure(buildLibrary('empty_library').path, session),
};

const noLibrary: Peer = {
  name: 'none preloaded',
  fits: () => true,
  missing: () => buildModel(MODEL).error,
  measure: (_conditions, session) => measure('', session),
};

export const preload: Benchmark = {
  name: 'preload',
  what: 'the library of node-netmap run in a program without netmap: starting /bin/true, and an ioctl that fails',
  figures: [
    { name: 'start', unit: 'us', main: true },
    { name: 'call', unit: 'ns', ofPeers: true },
  ],
  cases: () => [{}],
  ours: library,
  peers: [emptyLibrary, noLibrary],
};
