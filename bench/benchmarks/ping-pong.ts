import type { Benchmark, Contestant } from '../benchmark';
import { dgramPingPong } from '../peers/dgram';
import { wakeModel } from '../peers/models';

const pingPong: Contestant = {
  name: 'node-netmap',
  async measure(conditions, session) {
    const args = { ...conditions, ...session.names('vale') };
    const pong = session.program('pong', args);
    await pong.message('ready');
    const ping = session.program('ping', args);
    const result = await ping.message('result');
    await ping.end();
    await pong.stop();
    return result;
  },
};

export const latency: Benchmark = {
  name: 'ping-pong',
  what: 'there and back between two processes over a switch; they sleep in poll(), on the event loop, or not at all',
  figures: [
    { name: 'p50', unit: 'us', main: true },
    { name: 'p99', unit: 'us', ofPeers: true },
    { name: 'p99.9', unit: 'us', ofPeers: true },
    { name: 'max', unit: 'us', ofPeers: true },
  ],
  goals: [{ figure: 'p50', atMost: 30, when: ({ mode }) => mode === 'blocking' }],
  cases: () => [{ mode: 'blocking' }, { mode: 'event loop' }, { mode: 'busy' }],
  ours: pingPong,
  peers: [wakeModel(({ mode }) => mode === 'blocking'), dgramPingPong(({ mode }) => mode === 'event loop')],
};
