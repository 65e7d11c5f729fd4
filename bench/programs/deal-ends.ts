// Both ends of a distributor in one thread: sends by a switch, and takes what comes out of two pipes of the port behind it.
import { netmap } from '../library';
import { args, tell } from './arguments';
import { rate, ROUND } from './rate';

/** Flows that packets belong to. */
const FLOWS = 64;

const { batch, frame } = args;
const from = netmap.open(args.a);
const pipes = [0, 1].map((k) => netmap.open(`${args.b}}${k}`));
const [tx] = from.txRings;
for (let slot = 0; slot < tx.numSlots; slot++) {
  tx.buffer(slot).set(netmap.udp({ length: frame, srcPort: 1000 + (slot % FLOWS) }));
  tx.setLength(slot, frame);
}

function round(): number {
  let packets = 0;
  // Enough rounds for a look at the clock, whether anything comes out or not.
  for (let sent = 0; sent < ROUND;) {
    const n = Math.min(batch, tx.available);
    tx.advance(n);
    sent += n;
    from.txSync();
    for (const port of pipes) {
      port.rxSync();
      const [ring] = port.rxRings;
      packets += ring.available;
      ring.advance(ring.available);
    }
  }
  return packets;
}

tell('result', { rate: rate(round) });
for (const port of [from, ...pipes]) port.close();
