import { join } from 'node:path';
import type { Benchmark, Contestant } from '../benchmark';
import { root } from '../library';
import { pktGenRx } from '../peers/pkt-gen-engine';

const tool: Contestant = {
  name: 'node-netmap',
  async measure(conditions, session) {
    const names = session.names('pipe');
    const sink = session.program('sink', { ...conditions, ...names });
    await sink.message('ready');
    const seconds = 2 * (session.warmUp + session.seconds) + 1;
    const sender = session.node([
      ...[join(root, 'lib', 'cli', 'main.js'), 'generate', names.a, '--json', '--duration', String(seconds)],
      ...(conditions.mode?.startsWith('latency') ? ['--timestamps'] : []),
    ]);
    const result = await sink.message('result');
    await sink.end();
    await sender.stop();
    return result;
  },
};

export const sink: Benchmark = {
  name: 'sink',
  what: 'a generator and a sink at the ends of a pipe, a process each; a hook in TypeScript reads Ethernet, IPv4 and UDP',
  figures: [
    { name: 'rate', unit: 'Mpps', main: true },
    { name: 'cpu', unit: 'M packets per CPU second' },
    { name: 'collections', unit: 'of garbage' },
  ],
  goals: [
    { figure: 'rate', atLeast: 20, when: ({ mode }) => mode === 'headers in TypeScript' },
    { figure: 'collections', atMost: 0, when: ({ mode }) => mode === 'headers in TypeScript' },
    { figure: 'rate', atLeast: 1, over: pktGenRx.name, when: ({ mode }) => mode === 'count' },
  ],
  cases: (full) =>
    ['count', 'headers in TypeScript', ...(full ? ['check', 'flows', 'latency, gaps'] : [])].map((mode) => ({ mode })),
  ours: tool,
  peers: [pktGenRx],
};
