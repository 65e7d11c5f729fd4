// One thread: frames go down a pipe, are taken from its end, judged, and go on through a second pipe to its end. What is
// measured is all of it, with the far ends' work.
import { netmap, type Ring } from '../library';
import { args, tell } from './arguments';
import { drain } from './drain';
import { fillBatch } from './fill-batch';
import { rate, ROUND } from './rate';
import { prefill } from './template';

const { batch, frame, mode } = args;
const second = (name: string) => name.replace(/1$/, '2');
const source = netmap.open(args.a);
const near = netmap.open(args.b);
const onward = netmap.open(second(args.b)); // of the same memory region: buffers change places
const end = netmap.open(second(args.a));
const [tx] = source.txRings;
const [rx] = near.rxRings;
const [out] = onward.txRings;
const [last] = end.rxRings;
prefill(tx, frame, '02:00:00:00:00:01');

const rules = new netmap.Ruleset('add deny ip from 10.0.1.1 to any');
const pass = new Uint8Array(rx.numSlots);

/** The rule as somebody would write it in JavaScript. */
function judge(ring: Ring, count: number): void {
  const { u8 } = ring.port;
  for (let k = 0, i = ring.head; k < count; k++, i = ring.next(i)) {
    const at = ring.offset(i);
    const from10011 = u8[at + 26] === 10 && u8[at + 27] === 0 && u8[at + 28] === 1 && u8[at + 29] === 1;
    pass[k] = ring.length(i) >= 34 && u8[at + 12] === 8 && u8[at + 13] === 0 && from10011 ? 0 : 1;
  }
}

function forward(): void {
  if (mode === 'rule') {
    const verdicts = rules.classify(rx);
    netmap.forward(rx, out, verdicts.slots, verdicts.pass);
  } else if (mode === 'hook') {
    const count = rx.available;
    judge(rx, count);
    netmap.forward(rx, out, count, pass);
  } else {
    netmap.forward(rx, out);
  }
}

let sent = 0;
let received = 0;

function round(): number {
  const before = received;
  while (received - before < ROUND) {
    sent += fillBatch(tx, batch, frame);
    source.txSync();
    near.rxSync();
    forward();
    onward.txSync();
    near.rxSync(); // what was taken goes back at once
    end.rxSync();
    received += drain(last);
    end.rxSync();
  }
  return received - before;
}

const measured = rate(round);
tell('result', { rate: measured, lost: sent - received });
for (const port of [source, near, onward, end]) port.close();
