import type { Benchmark } from '../benchmark';
import { single } from './single';

export const rateControl: Benchmark = {
  name: 'rate-control',
  what: 'how exactly the generator keeps its rate, as it measures itself',
  figures: [
    { name: 'off', unit: '% of the rate', main: true },
    { name: 'late p50', unit: 'us' },
    { name: 'late p99', unit: 'us' },
    { name: 'running p99', unit: 'us late, not counting when the processor was away' },
    { name: 'away', unit: '% of the time' },
    { name: 'gap p99', unit: 'us' },
    { name: 'ks', unit: 'of 1.36' },
    { name: 'ks of plan', unit: 'of 1.36' },
    { name: 'given up', unit: 's' },
  ],
  goals: [
    { figure: 'off', atMost: 0.1, when: ({ mode }) => mode === '1 Mpps' },
    { figure: 'gap p99', atMost: 10, when: ({ mode }) => mode === '1 Mpps' },
    { figure: 'ks', atMost: 1.36, when: ({ mode }) => mode === '10 kpps, Poisson' },
    { figure: 'ks of plan', atMost: 1.36, when: ({ mode }) => mode?.includes('Poisson') === true },
  ],
  cases: () => ['1 Mpps', '1 Mpps, Poisson', '10 kpps, Poisson', '10 kpps, asleep'].map((mode) => ({ mode })),
  ours: single('rate-control'),
  peers: [],
};
