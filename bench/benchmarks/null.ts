import { isHeadline, type Benchmark } from '../benchmark';
import { shortGrid, wholeGrid } from '../grid';
import { testpmdNull } from '../peers/testpmd';
import { single } from './single';

export const nullPort: Benchmark = {
  name: 'null',
  what: 'a generator into a null port: fill and sync',
  figures: [{ name: 'rate', unit: 'Mpps', main: true }],
  goals: [
    { figure: 'rate', atLeast: 1.5, over: testpmdNull.name, when: isHeadline },
    { figure: 'rate', atLeast: 148.8, when: isHeadline, aim: true },
  ],
  cases: (full) => (full ? wholeGrid() : shortGrid(false)),
  ours: single('send-null'),
  peers: [testpmdNull],
};
