// Sends for as long as told to whoever listens, then says how much.
import { netmap } from '../library';
import { args, tell } from './arguments';
import { fillBatch } from './fill-batch';
import { ROUND } from './rate';
import { prefill } from './template';

const { batch, frame } = args;
const port = netmap.open(args.a);
const ring = port.txRings[0];
prefill(ring, frame, '02:00:00:00:00:01');

/** Sends about ROUND packets; fewer when there is no room for too long. */
function round(): number {
  let packets = 0;
  while (packets < ROUND) {
    const n = fillBatch(ring, batch, frame);
    port.txSync();
    packets += n;
    if (n === 0 && port.poll(netmap.POLL.OUT, 50) === 0) break;
  }
  return packets;
}

const start = performance.now();
const end = start + 1000 * (args.warmUp + args.seconds) + 150;
let sent = 0;
let now = start;
while (now < end) {
  sent += round();
  now = performance.now();
}
const counters = port.counters();
tell('result', {
  sent,
  rate: sent / (now - start) / 1000,
  dropped: counters ? counters.dropBad + counters.dropUnroutable : 0,
});
port.close();
