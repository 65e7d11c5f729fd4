import { isHeadline, type Benchmark } from '../benchmark';
import { shortGrid, wholeGrid } from '../grid';
import { fillModel } from '../peers/models';
import { single } from './single';

export const ringFill: Benchmark = {
  name: 'ring-fill',
  what: 'JavaScript writes length and a number into slot after slot; no sync',
  figures: [{ name: 'rate', unit: 'Mpps', main: true }],
  cases: (full) => (full ? wholeGrid() : shortGrid(false)),
  ours: single('fill'),
  peers: [fillModel(isHeadline)],
};
