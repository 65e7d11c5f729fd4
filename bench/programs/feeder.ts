// One thread that sends into one pipe and takes what a bridge sends back through another.
import { netmap } from '../library';
import { args, tell } from './arguments';
import { drain } from './drain';
import { fillBatch } from './fill-batch';
import { rate, ROUND } from './rate';
import { prefill } from './template';

const { batch, frame } = args;
const from = netmap.open(args.a);
const to = netmap.open(args.b);
const [tx] = from.txRings;
const [rx] = to.rxRings;
prefill(tx, frame, '02:00:00:00:00:01');

let lastCame = performance.now();

function round(): number {
  let packets = 0;
  for (let turns = 0; packets < ROUND && turns < 4 * ROUND; turns++) {
    fillBatch(tx, batch, frame);
    from.txSync(); // also to see what room there is
    to.rxSync();
    packets += drain(rx);
  }
  if (packets > 0) lastCame = performance.now();
  else if (performance.now() - lastCame > 5000) throw new Error('nothing comes back');
  return packets;
}

tell('result', { rate: rate(round) });
from.close();
to.close();
