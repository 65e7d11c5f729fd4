// Both ends in one process and one thread: fill, send, receive, read.
import { netmap } from '../library';
import { args, tell } from './arguments';
import { drain } from './drain';
import { fillBatch } from './fill-batch';
import { rate, ROUND } from './rate';
import { prefill } from './template';

const { batch, frame } = args;
const from = netmap.open(args.a);
const to = netmap.open(args.b);
const tx = from.txRings[0];
const rx = to.rxRings[0];
prefill(tx, frame, '02:00:00:00:00:01');

let sent = 0;
let received = 0;

function round(): number {
  const before = received;
  while (received - before < ROUND) {
    sent += fillBatch(tx, batch, frame);
    from.txSync();
    to.rxSync();
    received += drain(rx);
    // What was read is released by the next sync only: too late where two batches don't fit into the ring.
    if (2 * batch >= rx.numSlots) to.rxSync();
  }
  return received - before;
}

const measured = rate(round);
to.rxSync(); // releases the last slots
received += drain(rx);
tell('result', { rate: measured, sent, lost: sent - received });
from.close();
to.close();
