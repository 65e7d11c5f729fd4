import { isHeadline, type Benchmark, type Conditions } from '../benchmark';
import { shortGrid, wholeGrid, withModes } from '../grid';
import { dgram } from '../peers/dgram';
import { cap } from '../peers/cap';
import { testpmdMemif } from '../peers/memif';
import { copyModel } from '../peers/models';
import { pktGenVale } from '../peers/pkt-gen';
import { twoProcesses } from './two-processes';

const compared = ({ batch, mode }: Conditions) => batch === 512 && mode === 'blocking';

export const valeProcesses: Benchmark = {
  name: 'vale-processes',
  what: 'a switch, sender and receiver a process each, both 20 lines on the library',
  figures: [
    { name: 'rate', unit: 'Mpps', main: true },
    { name: 'sent', unit: 'Mpps' },
    { name: 'unaccounted', unit: 'packets' },
  ],
  goals: [{ figure: 'unaccounted', atMost: 0, when: () => true }],
  cases: (full) =>
    full
      ? withModes(wholeGrid(), ['blocking', 'busy'])
      : [...withModes(shortGrid(true), ['blocking']), { batch: 512, frame: 60, mode: 'busy' }],
  ours: twoProcesses('vale'),
  peers: [
    copyModel(compared),
    testpmdMemif((c) => compared(c) && isHeadline(c)),
    pktGenVale(compared),
    cap((c) => compared(c) && isHeadline(c)),
    dgram((c) => compared(c) && c.frame !== 594),
  ],
};
