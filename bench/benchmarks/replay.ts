import type { Benchmark, Contestant } from '../benchmark';

const replays: Contestant = {
  name: 'node-netmap',
  async measure(conditions, session) {
    const child = session.program('replay', { ...conditions, over: session.unusedFile() });
    const result = await child.message('result');
    await child.end();
    return result;
  },
};

export const replayTiming: Benchmark = {
  name: 'replay-timing',
  what: 'how late packets of a capture are sent with its own timing: 50000 a second, looking at the clock all the time',
  figures: [
    { name: 'p50', unit: 'us', main: true },
    { name: 'p99', unit: 'us' },
    { name: 'p99.9', unit: 'us' },
    { name: 'running p99', unit: 'us, not counting when the processor was away' },
    { name: 'running p99.9', unit: 'us' },
    { name: 'away', unit: '% of the time' },
  ],
  goals: [
    { figure: 'p99', atMost: 50, when: () => true },
    { figure: 'running p99', atMost: 50, when: () => true },
  ],
  cases: () => [{ frame: 60, mode: 'timing' }],
  ours: replays,
  peers: [],
};

export const replayRate: Benchmark = {
  name: 'replay-rate',
  what: 'a capture as fast as possible into a null port: from memory, or read by a thread of its own meanwhile',
  figures: [{ name: 'rate', unit: 'Mpps', main: true }],
  cases: () => ['memory', 'file'].map((mode) => ({ frame: 60, mode })),
  ours: replays,
  peers: [],
};
