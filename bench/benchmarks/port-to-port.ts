import type { Benchmark, Contestant, Peer } from '../benchmark';
import { single } from './single';

const way = (name: string, mode: string): Contestant => ({
  name,
  measure: (conditions, session) => single('port-to-port', 'pipe').measure({ ...conditions, mode }, session),
});
const peer = (contestant: Contestant): Peer => ({ ...contestant, missing: () => undefined, fits: () => true });

export const portToPort: Benchmark = {
  name: 'port-to-port',
  what: 'from pipe to pipe with one rule, which does not match; one thread, which also sends and receives at the far ends',
  figures: [
    { name: 'rate', unit: 'Mpps', main: true },
    { name: 'lost', unit: 'packets' },
  ],
  goals: [
    { figure: 'rate', atLeast: 15, when: () => true },
    { figure: 'lost', atMost: 0, when: () => true },
  ],
  cases: () => [{ batch: 512, frame: 60 }],
  ours: way('node-netmap', 'rule'),
  peers: [peer(way('the rule in JavaScript', 'hook')), peer(way('without a rule', 'nothing'))],
};
