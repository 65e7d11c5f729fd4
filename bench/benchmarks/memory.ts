import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Benchmark, Contestant } from '../benchmark';

const MEBIBYTE = 2 ** 20;

/** Memory that the files of a folder take, in MiB: they lie in a tmpfs. */
function committed(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).blocks * 512, 0) / MEBIBYTE;
}

const resident: Contestant = {
  name: 'node-netmap',
  async measure(_conditions, session) {
    const child = session.program('resident', session.names('vale'));
    const result = await child.message('result');
    const shared = committed(session.engineFolder);
    child.write('done\n');
    await child.end();
    return { resident: result.resident, shared };
  },
};

export const memory: Benchmark = {
  name: 'memory',
  what: 'an open port with default rings before traffic: added to the process, and in the engine folder',
  figures: [
    { name: 'resident', unit: 'MiB', main: true },
    { name: 'shared', unit: 'MiB' },
  ],
  goals: [{ figure: 'resident', atMost: 8, when: () => true }],
  cases: () => [{}],
  ours: resident,
  peers: [],
};
