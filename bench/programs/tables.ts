// A table that changes by one entry at a time, while a rule looks it up.
import { netmap } from '../library';
import { median } from '../statistics';
import { args, tell } from './arguments';

const SLICE = 20; // changes
const entries = Number(args.mode.replace(/[^0-9]/g, ''));

function address(k: number): string {
  return `10.${(k >> 16) & 255}.${(k >> 8) & 255}.${k & 255}`;
}

const lines = Array.from({ length: entries }, (_, k) => `table t add ${address(k * 2)} ${k}`);
const commands = ['table t create type addr', 'add deny ip from table(t) to any', ...lines].join('\n');
const start = performance.now();
const rules = new netmap.Ruleset(commands);
const load = performance.now() - start;

/** Microseconds for a change, on average. */
function slice(): number {
  const begin = performance.now();
  for (let n = 0; n < SLICE; n += 2) {
    const between = address(2 * Math.floor(Math.random() * entries) + 1);
    rules.apply(`table t add ${between} 7`);
    rules.apply(`table t delete ${between}`);
  }
  return ((performance.now() - begin) / SLICE) * 1000;
}

for (const end = performance.now() + 1000 * args.warmUp; performance.now() < end;) slice();
const slices: number[] = [];
for (const end = performance.now() + 1000 * args.seconds; performance.now() < end || slices.length === 0;) {
  slices.push(slice());
}
tell('result', { change: median(slices), load });
