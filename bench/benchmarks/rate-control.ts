import type { Benchmark } from '../benchmark';
import { single } from './single';

export const rateControl: Benchmark = {
  name: 'rate-control',
  what: 'how exactly the generator keeps its rate, as it measures itself',
  figures: [
    { name: 'off', unit: '% of the rate', main: true },
    { name: 'late p50', unit: 'us' },
    { name: 'late p99', unit: 'us' },
    { name: 'gap p99', unit: 'us' },
    { name: 'given up', unit: 's' },
  ],
  goals: [
    { figure: 'off', atMost: 0.1, when: ({ mode }) => mode === '1 Mpps' },
    { figure: 'gap p99', atMost: 10, when: ({ mode }) => mode === '1 Mpps' },
  ],
  cases: () => ['1 Mpps', '1 Mpps, Poisson', '10 kpps, asleep'].map((mode) => ({ mode })),
  ours: single('rate-control'),
  peers: [],
};
