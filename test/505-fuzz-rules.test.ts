/** The classifier against a slow and plain matcher of the same language: 10^6 pairs of a random rule and a random packet. */
import t from 'tap';
import { Ruleset, VERDICT } from 'node-netmap';
import { Random, rounds, seed } from './random';
import { decode } from './support/rules/decode';
import { randomChange } from './support/rules/random-changes';
import { randomPacket } from './support/rules/random-packets';
import { randomRule, randomWorld } from './support/rules/random-rules';
import { SlowMatcher, type SlowVerdict } from './support/rules/slow-matcher';

const PACKETS = 60;
const MAX_STATES = 20;
const NAMES = ['', 'vale0:a', 'vale1:b', 'vale2:c'] as const;
const ACTIONS: Record<string, number> = {
  allow: VERDICT.ALLOW,
  deny: VERDICT.DENY,
  pipe: VERDICT.PIPE,
  queue: VERDICT.QUEUE,
};

/** The IPv4 header's words add up to the same, modulo 2^16 - 1: its checksum is as right as it was. */
function headerSum(bytes: Uint8Array): number {
  const at = 14 + 4 * decode(bytes).tags.length;
  let sum = 0;
  for (let i = 0; i < 20; i += 2) sum += bytes[at + i] * 256 + bytes[at + i + 1];
  return sum % 0xffff;
}

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
  const different = (what: string, found: unknown, expected: unknown) => ({
    pairs: 0,
    difference: [what, `classifier: ${JSON.stringify(found)}`, `slow:       ${JSON.stringify(expected)}`, ...text].join(
      '\n',
    ),
  });
  let pairs = 0;
  let time = 1;
  for (let n = 0; n < PACKETS;) {
    if (random.below(12) === 0) {
      const command = randomChange(random, world, slow, slowRules, disabled);
      text.push(`# before packet ${n}`, command);
      rules.apply(command);
      if (command.startsWith('add')) {
        const ids = new Map(rules.rules().map(({ number, id }) => [number, id]));
        for (const rule of slowRules) rule.id = ids.get(rule.number)!;
      }
    }
    const path = {
      direction: random.pick(['in', 'out'] as const),
      recv: random.pick(NAMES),
      xmit: random.pick(NAMES),
      time: (time += random.pick([1, 1, 1e6, 3e8, 6e9])),
    };
    // One by one, with all that rules have noted; or as a batch.
    const count = random.below(8) === 0 ? Math.min(PACKETS - n, 1 + random.below(45)) : 1;
    const packets = Array.from({ length: count }, () => randomPacket(random));
    const before = packets.map(({ bytes }) => Uint8Array.from(bytes));
    const decoded = packets.map(({ bytes, length }) => decode(bytes, length));
    const expected = decoded.map((packet) => slow.match(packet, path));
    let found: Partial<SlowVerdict>[];
    if (count === 1) {
      const { action, target = 0, rule, tags, mark, edited } = rules.match(packets[0].bytes, path, packets[0].length);
      found = [{ action, target, rule, tags: tags.sort((a, b) => a - b), mark, edited }];
    } else {
      let at = 0;
      const places = packets.flatMap(({ bytes, length }) => [
        (at += bytes.length) - bytes.length,
        bytes.length,
        length,
      ]);
      const data = new Uint8Array(Buffer.concat(packets.map(({ bytes }) => bytes)));
      const verdicts = rules.classifyBytes(data, Uint32Array.from(places), path);
      found = packets.map((_, i) => ({
        action: Object.keys(ACTIONS).find((name) => ACTIONS[name] === verdicts.action(i))!,
        target: verdicts.target(i),
        rule: verdicts.rule(i),
        edited: verdicts.edited(i),
      }));
      packets.forEach((packet, i) => (packet.bytes = data.subarray(places[3 * i], places[3 * i] + places[3 * i + 1])));
    }
    for (let i = 0; i < count; i++, n++) {
      const { bytes, length } = packets[i];
      const { tags, mark, ...rest } = expected[i];
      const wanted = count === 1 ? { ...rest, tags, mark } : rest;
      const what = `packet ${n}, of ${count} at once (${length} bytes): ${Buffer.from(before[i]).toString('hex')} ${JSON.stringify(path)}`;
      for (const [key, value] of Object.entries(wanted)) {
        if (JSON.stringify(found[i][key as keyof SlowVerdict]) !== JSON.stringify(value))
          return different(what, found[i], wanted);
      }
      if (!rest.edited) {
        if (Buffer.compare(bytes, before[i]) !== 0) return different(what, 'changed', 'not changed');
        continue;
      }
      const { ip } = decode(bytes, length);
      if (ip?.tos !== decoded[i].ip!.tos) return different(what, ip?.tos, decoded[i].ip!.tos);
      if (ip.version === 4 && headerSum(bytes) !== headerSum(before[i])) return different(what, 'another checksum', '');
    }
    pairs += count * slowRules.length;
  }
  const counts = new Map(rules.rules().map(({ id, packets, bytes }) => [id, `${packets} ${bytes}`]));
  for (const { id, number, packets, bytes } of slowRules) {
    if (counts.get(id) !== `${packets} ${bytes}`)
      return different(`counters of rule ${number}`, counts.get(id), `${packets} ${bytes}`);
  }
  return { pairs };
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
