// JavaScript alone: length and a number into slot after slot, no sync.
import { netmap } from '../library';
import { args, tell } from './arguments';
import { rate, ROUND } from './rate';
import { prefill, SEQUENCE_WORD } from './template';

const { batch, frame } = args;
const port = netmap.open('null:');
const ring = port.txRings[0];
const { u32 } = port;
prefill(ring, frame, '02:00:00:00:00:01');

let sequence = 0;
let at = ring.head;

function fill(n: number): void {
  let i = at;
  for (let k = 0; k < n; k++) {
    ring.setLength(i, frame);
    u32[(ring.offset(i) >> 2) + SEQUENCE_WORD] = sequence++;
    i = ring.next(i);
  }
  at = i;
}

function round(): number {
  let packets = 0;
  for (; packets < ROUND; packets += batch) fill(batch);
  return packets;
}

tell('result', { rate: rate(round) });
port.close();
