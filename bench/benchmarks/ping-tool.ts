import { join } from 'node:path';
import type { Benchmark, Contestant } from '../benchmark';
import { root } from '../library';

interface Histogram {
  percentiles: Record<string, number>;
}

const cli = join(root, 'lib', 'cli', 'main.js');

const tool: Contestant = {
  name: 'node-netmap',
  async measure({ mode }, session) {
    const { a, b } = session.names('vale');
    const pong = session.node([cli, 'pong', b, '--json']);
    await session.portExists(b);
    const ping = session.node([
      ...[cli, 'ping', a, '--json', '--duration', String(session.warmUp + session.seconds)],
      ...(mode === 'block' ? ['--block'] : []),
    ]);
    const summary = await ping.message('summary');
    await Promise.all([ping.end(), pong.stop()]);
    const { roundTrip, overhead } = (summary as unknown as { histograms: Record<string, Histogram> }).histograms;
    const us = (histogram: Histogram, percentile: string) => histogram.percentiles[percentile] / 1000;
    return {
      p50: us(roundTrip, '50'),
      p99: us(roundTrip, '99'),
      'p99.9': us(roundTrip, '99.9'),
      overhead: us(overhead, '50'),
    };
  },
};

export const pingTool: Benchmark = {
  name: 'ping-tool',
  what: 'the tools ping and pong as shipped, and what measuring takes by itself',
  figures: [
    { name: 'p50', unit: 'us', main: true },
    { name: 'p99', unit: 'us' },
    { name: 'p99.9', unit: 'us' },
    { name: 'overhead', unit: 'us' },
  ],
  cases: () => [{ mode: 'spin' }, { mode: 'block' }],
  ours: tool,
  peers: [],
};
