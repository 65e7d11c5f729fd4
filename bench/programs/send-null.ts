// A generator into a null port: what sending costs where nobody receives.
import { netmap } from '../library';
import { args, tell } from './arguments';
import { rate, ROUND } from './rate';
import { prefill } from './template';
import { fillBatch } from './fill-batch';

const { batch, frame } = args;
const port = netmap.open('null:');
const ring = port.txRings[0];
prefill(ring, frame, '02:00:00:00:00:01');

function round(): number {
  let packets = 0;
  while (packets < ROUND) {
    packets += fillBatch(ring, batch, frame);
    port.txSync();
  }
  return packets;
}

tell('result', { rate: rate(round) });
port.close();
