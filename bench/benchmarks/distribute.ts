import { join } from 'node:path';
import type { Benchmark } from '../benchmark';
import { root } from '../library';
import { lb } from '../peers/lb';
import { measureDealing } from './dealing';

const cli = join(root, 'lib', 'cli', 'main.js');

export const distribute: Benchmark = {
  name: 'distribute',
  what: 'packets of 64 flows dealt out from a switch port to two pipes, as shipped; both ends in another process',
  figures: [{ name: 'rate', unit: 'Mpps', main: true }],
  goals: [{ figure: 'rate', atLeast: 1, over: 'lb', when: () => true }],
  cases: () => [{ batch: 512, frame: 60 }],
  ours: {
    name: 'node-netmap',
    measure: (conditions, session) =>
      measureDealing(conditions, session, (port) => session.node([cli, 'distribute', port, '--pipes', '2', '--json'])),
  },
  peers: [lb],
};
