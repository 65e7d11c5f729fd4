// Rules on batches in memory: one rule that matches nothing, and in turn with it, in slices, more of them, or one that
// matches everything by its table.
import { netmap } from '../library';
import { median } from '../statistics';
import { args, tell } from './arguments';
import { ruleFrames } from './rule-frames';

const SLICE = 32; // batches, all different
const inTable = args.mode.endsWith('hit');
const batches = Array.from({ length: SLICE }, () =>
  ruleFrames(args.batch, args.frame, inTable ? () => (10 << 24) + 2 * Math.floor(Math.random() * 100_000) : undefined),
);

function addresses(count: number): string[] {
  return Array.from({ length: count }, (_, k) => `10.${(k >> 16) & 255}.${(k >> 8) & 255}.${k & 255}`);
}

function table(): string[] {
  const entries = addresses(200_000).filter((_, k) => k % 2 === 0);
  return [
    'table t create type addr',
    ...entries.map((address, k) => `table t add ${address}/${k % 2 === 0 ? 32 : 31}`),
    'add deny ip from table(t) to any',
  ];
}

const SETS: Record<string, () => string[]> = {
  'one rule': () => ['add deny ip from 10.0.0.1 to any'],
  '100 linear rules': () => Array.from({ length: 100 }, (_, k) => `add deny ip from any to any iplen ${1000 + k}`),
  '10,000 linear rules': () =>
    Array.from({ length: 10_000 }, (_, k) => `add deny ip from any to any iplen ${1000 + k}`),
  '10,000 addresses': () => addresses(10_000).map((address) => `add deny ip from ${address} to any`),
  'table of 100,000': table,
  'table of 100,000, hit': table,
};

/** Seconds for a slice. */
function slice(rules: InstanceType<typeof netmap.Ruleset>, allows: boolean): number {
  const start = performance.now();
  for (const { data, places } of batches) {
    if (rules.classifyBytes(data, places).allows(0) !== allows) throw new Error('a rule has matched, or has not');
  }
  return (performance.now() - start) / 1000;
}

const wanted = SETS[args.mode]();
const one = new netmap.Ruleset(SETS['one rule']());
const many = new netmap.Ruleset(wanted);
for (const end = performance.now() + 1000 * args.warmUp; performance.now() < end;) {
  slice(one, true);
  slice(many, !inTable);
}
// A slice is so short that most are not disturbed: the median is one that was not.
const slices: [one: number, many: number][] = [];
for (const end = performance.now() + 1000 * args.seconds; performance.now() < end || slices.length === 0;) {
  slices.push([slice(one, true), slice(many, !inTable)]);
}
const nsPerFrame = (of: (slice: [number, number]) => number) => (median(slices.map(of)) / (SLICE * args.batch)) * 1e9;
const oneNs = nsPerFrame(([seconds]) => seconds);
const manyNs = nsPerFrame(([, seconds]) => seconds);
tell('result', {
  rate: 1000 / manyNs,
  time: manyNs / oneNs,
  'further rule': Math.max(0, (manyNs - oneNs) / Math.max(1, wanted.length - 1)),
});
