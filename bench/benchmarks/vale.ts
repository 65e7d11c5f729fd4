import type { Benchmark } from '../benchmark';
import { shortGrid, wholeGrid } from '../grid';
import { copyModelOneThread } from '../peers/models';
import { single } from './single';

export const vale: Benchmark = {
  name: 'vale',
  what: 'a switch, sender and receiver in one thread',
  figures: [
    { name: 'rate', unit: 'Mpps', main: true },
    { name: 'lost', unit: 'packets' },
  ],
  goals: [{ figure: 'lost', atMost: 0, when: () => true }],
  cases: (full) => (full ? wholeGrid() : shortGrid(true)),
  ours: single('loopback'),
  peers: [copyModelOneThread(({ batch }) => batch === 512)],
};
