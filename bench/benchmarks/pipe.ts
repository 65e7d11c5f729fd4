import { isHeadline, type Benchmark } from '../benchmark';
import { shortGrid, wholeGrid } from '../grid';
import { pktGenPipe } from '../peers/pkt-gen';
import { single } from './single';

export const pipe: Benchmark = {
  name: 'pipe',
  what: 'a pipe, both ends in one thread',
  figures: [
    { name: 'rate', unit: 'Mpps', main: true },
    { name: 'lost', unit: 'packets' },
  ],
  goals: [
    { figure: 'rate', atLeast: 60, when: isHeadline },
    { figure: 'rate', atLeast: 100, when: isHeadline, aim: true },
    { figure: 'lost', atMost: 0, when: () => true },
  ],
  cases: (full) => (full ? wholeGrid() : shortGrid(false)),
  ours: single('loopback', 'pipe'),
  peers: [pktGenPipe],
};
