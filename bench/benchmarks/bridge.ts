import type { Benchmark, Contestant } from '../benchmark';

/** Somebody in the middle in a process of its own, both ends in another one. */
const chain: Contestant = {
  name: 'node-netmap',
  async measure(conditions, session) {
    const args = { ...conditions, ...session.names('pipe') };
    const middle = session.program('bridge', args);
    await middle.message('ready');
    const ends = session.program('chain-ends', args);
    const result = await ends.message('result');
    await ends.end();
    await middle.stop();
    await middle.message('result');
    return result;
  },
};

export const bridge: Benchmark = {
  name: 'bridge',
  what: 'a bridge between two ports of one memory region, in a process of its own; native, or with a hook in TypeScript per packet',
  figures: [
    { name: 'rate', unit: 'Mpps', main: true },
    { name: 'lost', unit: 'packets' },
  ],
  goals: [
    { figure: 'rate', atLeast: 30, when: ({ mode }) => mode === 'native' },
    { figure: 'rate', atLeast: 20, when: ({ mode }) => mode === 'hook' },
    { figure: 'lost', atMost: 0, when: () => true },
  ],
  cases: () => ['native', 'hook'].map((mode) => ({ batch: 512, frame: 60, mode })),
  ours: chain,
  peers: [],
};
