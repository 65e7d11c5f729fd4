/** The classifier against a slow and plain matcher of the same language: 10^6 pairs of a random rule and a random packet. */
import t from 'tap';
import { Ruleset } from 'node-netmap';
import { Random, rounds, seed } from './random';
import { decode } from './support/rules/decode';
import { randomPacket } from './support/rules/random-packets';
import { randomRule, randomWorld } from './support/rules/random-rules';
import { SlowMatcher, type SlowVerdict } from './support/rules/slow-matcher';

const PACKETS = 60;
const MAX_STATES = 20;
const NAMES = ['', 'vale0:a', 'vale1:b', 'vale2:c'] as const;

function compare(random: Random, rulesWanted: number, seedOfRules: number): { pairs: number; difference?: string } {
  const { world, commands } = randomWorld(random);
  const slowRules = Array.from({ length: rulesWanted }, (_, i) => randomRule(random, 100 + 7 * i, world));
  const fallback = random.pick(['allow', 'deny'] as const);
  const disabled = new Set(random.below(3) === 0 ? [1 + random.below(3)] : []);
  const text = [
    ...commands,
    ...slowRules.map(({ command }) => command),
    ...[...disabled].map((set) => `set disable ${set}`),
  ];
  const rules = new Ruleset(text, { default: fallback, seed: seedOfRules, maxStates: MAX_STATES });
  const report = rules.rules();
  slowRules.forEach((rule, i) => (rule.id = report[i].id));
  const slow = new SlowMatcher(slowRules, fallback, seedOfRules, MAX_STATES, disabled);
  let time = 1;
  for (let n = 0; n < PACKETS; n++) {
    const { bytes, length } = randomPacket(random);
    const path = {
      direction: random.pick(['in', 'out'] as const),
      recv: random.pick(NAMES),
      xmit: random.pick(NAMES),
      time: (time += random.pick([1, 1, 1e6, 3e8, 6e9])),
    };
    const expected = slow.match(decode(bytes, length), path);
    const { action, target = 0, rule, tags, mark } = rules.match(bytes, path, length);
    const found: SlowVerdict = { action, target, rule, tags: tags.sort((a, b) => a - b), mark };
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
      return {
        pairs: 0,
        difference: [
          `packet ${n} (${length} bytes): ${Buffer.from(bytes).toString('hex')} ${JSON.stringify(path)}`,
          `classifier: ${JSON.stringify(found)}`,
          `slow:       ${JSON.stringify(expected)}`,
          ...text,
        ].join('\n'),
      };
    }
  }
  const counts = rules.rules();
  const wrong = slowRules.find(({ packets }, i) => counts[i].packets !== packets);
  if (wrong) {
    return { pairs: 0, difference: `rule ${wrong.number} counted otherwise than ${wrong.packets}\n${text.join('\n')}` };
  }
  return { pairs: PACKETS * rulesWanted };
}

for (const [name, standard, size] of [
  ['a few rules of every kind', 160, (random: Random) => 1 + random.below(12)],
  ['so many that they are indexed', 90, (random: Random) => 150 + random.below(150)],
] as const) {
  t.test(`the classifier decides as a slow matcher does: ${name}`, async (t) => {
    let pairs = 0;
    const first = seed();
    for (let round = 0; round < rounds(standard); round++) {
      const random = new Random(first * 7919 + round * 104729 + standard);
      const result = compare(random, size(random), round);
      if (result.difference !== undefined) {
        t.fail(`seed ${first}, round ${round}:\n${result.difference}`);
        return;
      }
      pairs += result.pairs;
    }
    t.comment(`${pairs} pairs of a rule and a packet`);
    t.ok(pairs > 0);
  });
}
