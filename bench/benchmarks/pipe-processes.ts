import { isHeadline, type Benchmark } from '../benchmark';
import { wholeGrid, withModes } from '../grid';
import { copyModel } from '../peers/models';
import { twoProcesses } from './two-processes';

export const pipeProcesses: Benchmark = {
  name: 'pipe-processes',
  what: 'a pipe between two processes; the receiver sleeps when there is nothing, or looks again and again',
  figures: [
    { name: 'rate', unit: 'Mpps', main: true },
    { name: 'lost', unit: 'packets' },
  ],
  goals: [{ figure: 'lost', atMost: 0, when: () => true }],
  cases: (full) => withModes(full ? wholeGrid() : [{ batch: 512, frame: 60 }], ['blocking', 'busy']),
  ours: twoProcesses('pipe'),
  peers: [copyModel((conditions) => isHeadline(conditions) && conditions.mode === 'blocking')],
};
