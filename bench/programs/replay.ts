// A replay into a null port: how late packets are with their own timing, or how many go a second.
import { join } from 'node:path';
import { netmap } from '../library';
import { args, tell } from './arguments';

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
  const { pps } = replay.stats();
  const late = replay.details().histograms?.late;
  const us = (percent: string) => (late ? late.percentiles[percent] / 1000 : NaN);
  tell('result', mode === 'timing' ? { p50: us('50'), p99: us('99'), 'p99.9': us('99.9') } : { rate: pps / 1e6 });
  port.close();
}

void run();
