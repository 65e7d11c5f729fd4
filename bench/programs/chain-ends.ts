// Both ends of a chain of pipes in one thread: sends what is there already, and takes what comes out.
import { netmap } from '../library';
import { args, tell } from './arguments';
import { chainNames } from './chain-names';
import { rate, ROUND } from './rate';

const { batch, frame } = args;
const { far } = chainNames(args.a);
const [from, to] = far.map((name) => netmap.open(name));
const [tx] = from.txRings;
for (let slot = 0; slot < tx.numSlots; slot++) {
  tx.buffer(slot).set(netmap.udp({ length: frame }));
  tx.setLength(slot, frame);
}

let sent = 0;
let received = 0;

/** Buffers travel: what comes back may be of another length, but is a frame that was sent once. */
function send(): void {
  const n = Math.min(batch, tx.available);
  for (let k = 0, slot = tx.head; k < n; k++, slot = tx.next(slot)) {
    tx.setLength(slot, frame);
    tx.setFlags(slot, 0);
  }
  tx.advance(n);
  sent += n;
  from.txSync();
}

function take(): void {
  to.rxSync();
  const [ring] = to.rxRings;
  received += ring.available;
  ring.advance(ring.available);
}

function round(): number {
  const before = received;
  while (received - before < ROUND) {
    send();
    take();
  }
  return received - before;
}

const measured = rate(round);
for (const end = performance.now() + 2000; received < sent && performance.now() < end;) {
  from.txSync();
  take();
}
take();
tell('result', { rate: measured, lost: sent - received });
from.close();
to.close();
