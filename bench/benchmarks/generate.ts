import type { Benchmark } from '../benchmark';
import { pktGenTx } from '../peers/pkt-gen-engine';
import { single } from './single';

const headline = ({ mode }: { mode?: string }) => mode === 'sweep';

export const generate: Benchmark = {
  name: 'generate',
  what: 'the generator into a null port: source address and port from packet to packet, checksums right',
  figures: [
    { name: 'rate', unit: 'Mpps', main: true },
    { name: 'cpu', unit: 'M packets per CPU second' },
    { name: 'collections', unit: 'of garbage' },
  ],
  goals: [
    { figure: 'rate', atLeast: 45, when: headline },
    { figure: 'collections', atMost: 0, when: headline },
    { figure: 'rate', atLeast: 1, over: pktGenTx.name, when: ({ mode }) => mode === 'sweep to a switch' },
  ],
  cases: (full) =>
    [
      'sweep',
      'sweep to a switch',
      ...(full ? ['sweep, numbered', 'at random', '1000 flows', 'the same frame'] : []),
    ].map((mode) => ({ batch: 512, frame: 60, mode })),
  ours: single('generator'),
  peers: [pktGenTx],
};
