// The one rule of rules.ts as somebody would write it in JavaScript.
import { args, tell } from './arguments';
import { rate, ROUND } from './rate';
import { ruleFrames } from './rule-frames';

const { data, places } = ruleFrames(args.batch, args.frame);
const pass = new Uint8Array(args.batch);

function isFromHost(at: number, length: number): boolean {
  if (length < 34 || data[at + 12] !== 8 || data[at + 13] !== 0) return false;
  return data[at + 26] === 10 && data[at + 27] === 0 && data[at + 28] === 0 && data[at + 29] === 1;
}

function round(): number {
  let packets = 0;
  for (; packets < ROUND; packets += args.batch) {
    for (let i = 0; i < args.batch; i++) pass[i] = isFromHost(places[3 * i], places[3 * i + 1]) ? 0 : 1;
    if (pass[0] !== 1) throw new Error('the rule has matched');
  }
  return packets;
}

tell('result', { rate: rate(round) });
