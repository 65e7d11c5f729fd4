import type { Benchmark } from '../benchmark';
import { single } from './single';

const ours = single('tables');

export const tables: Benchmark = {
  name: 'tables',
  what: 'an address added to a table of 100,000 that a rule looks up, or taken out of it: one command each; and its loading',
  figures: [
    { name: 'change', unit: 'us', main: true },
    { name: 'load', unit: 'ms' },
  ],
  cases: () => [{ mode: '100,000 entries' }],
  ours,
  peers: [
    {
      name: 'a table of 100',
      fits: () => true,
      missing: () => undefined,
      measure: (conditions, session) => ours.measure({ ...conditions, mode: '100 entries' }, session),
    },
  ],
};
