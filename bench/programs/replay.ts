// A replay into a null port: how late packets are with their own timing, or how many go a second.
import { join } from 'node:path';
import { netmap } from '../library';
import { args, tell } from './arguments';
import { awayPercent } from './away';

const { seconds, warmUp, frame, mode, over } = args;
const file = `${over}.pcap`;
const GAP_NS = 20_000;
const PACKETS = mode === 'timing' ? Math.max(100, Math.round((1e9 * seconds) / GAP_NS)) : 200_000;

const writer = netmap.PcapWriter.create(join(file));
const bytes = netmap.udp({ length: frame });
for (let k = 0; k < PACKETS; k++) {
  const ns = k * GAP_NS;
  writer.write(bytes, 0, frame, frame, Math.floor(ns / 1e9), ns % 1e9);
}
writer.close();

async function run(): Promise<void> {
  const port = netmap.open('null:');
  const options =
    mode === 'timing'
      ? { file }
      : { file, speed: Infinity, loop: 0, preload: mode === 'memory', duration: seconds + warmUp };
  const replay = new netmap.Replay(port, options);
  await replay.start();
  const { pps, seconds: took } = replay.stats();
  if (mode === 'timing') {
    const { late, lateRunning, away } = replay.details().histograms!;
    tell('result', {
      p50: late.percentiles['50'] / 1000,
      p99: late.percentiles['99'] / 1000,
      'p99.9': late.percentiles['99.9'] / 1000,
      'running p99': lateRunning.percentiles['99'] / 1000,
      'running p99.9': lateRunning.percentiles['99.9'] / 1000,
      away: awayPercent(away, took),
    });
  } else {
    tell('result', { rate: pps / 1e6 });
  }
  port.close();
}

void run();
