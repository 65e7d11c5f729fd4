// Receives until all has been sent and nothing is left. The rate is that of a window in the middle.
import { existsSync } from 'node:fs';
import { netmap } from '../library';
import { args, tell } from './arguments';
import { drain } from './drain';
import { ROUND } from './rate';

const { IN } = netmap.POLL;
const port = netmap.open(args.b);
const ring = port.rxRings[0];
const busy = args.mode === 'busy';

/** After this long without a packet, in ms, it looks whether there will be more. */
const SILENCE = 50;

/** About ROUND packets, fewer when there is silence. */
function round(): number {
  let packets = 0;
  let silence = 0;
  for (let empty = 0; packets < ROUND;) {
    if (busy) port.rxSync();
    else port.poll(IN, SILENCE);
    const n = drain(ring);
    packets += n;
    if (n > 0) empty = 0;
    else if (!busy) break;
    else if (++empty === 1024) silence = performance.now();
    else if (empty % 1024 === 0 && performance.now() - silence > SILENCE) break;
  }
  return packets;
}

tell('ready');
port.poll(IN, 10_000);
const opening = performance.now() + 1000 * args.warmUp;
const closing = opening + 1000 * args.seconds;
let received = 0;
let first = { now: 0, received: 0 };
let end = first;
for (;;) {
  const over = existsSync(args.over); // before the round: what was sent until then is found by it
  const n = round();
  received += n;
  if (n === 0 && over) break;
  const now = performance.now();
  if (now < opening) continue;
  if (first.now === 0) first = { now, received };
  else if (now <= closing || end.now === 0) end = { now, received };
}
const counters = port.counters();
tell('result', {
  received,
  rate: (end.received - first.received) / (end.now - first.now) / 1000,
  dropped: counters ? counters.dropFull + counters.dropBusy : 0,
});
port.close();
