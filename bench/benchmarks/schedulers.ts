import type { Benchmark } from '../benchmark';
import { buildModel } from '../peers/compiler';

const NAMES = ['fifo', 'rr', 'wf2q+', 'qfq'];

export const schedulers: Benchmark = {
  name: 'schedulers',
  // Each flow has two packets, and what is taken out joins its flow again: the flows and their packets are as many as real
  // ones, but who puts a packet in has just had its flow in the cache.
  what: 'a pair of enqueue and dequeue in native/emulator with 32768 busy flows: equal ones, which come in turn; and mixed: weights of 1 to 64, lengths of 64 to 1500 bytes, so that they come in no order and lie anywhere in memory',
  figures: NAMES.flatMap((name, k) => [
    { name, unit: 'ns', main: k === 0 },
    { name: `${name} mixed`, unit: 'ns' },
  ]),
  goals: [
    { figure: 'fifo', atMost: 20, when: () => true },
    { figure: 'wf2q+', atMost: 350, when: () => true },
    { figure: 'qfq', atMost: 60, when: () => true },
    { figure: 'fifo mixed', atMost: 20, when: () => true },
    { figure: 'wf2q+ mixed', atMost: 350, when: () => true },
    { figure: 'qfq mixed', atMost: 60, when: () => true },
  ],
  cases: () => [{}],
  ours: {
    name: 'node-netmap',
    async measure(_, session) {
      const { path, error } = buildModel('emulator_model', { part: 'emulator' });
      if (error !== undefined) throw new Error(error);
      const child = session.command(path, ['--seconds', String(session.seconds / 8)]);
      const result = await child.message('result');
      await child.end();
      return result;
    },
  },
  peers: [],
};
