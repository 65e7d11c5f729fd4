import type { Random } from '../../random';
import type { World } from './random-conditions';
import { randomRule, type RandomRule } from './random-rules';
import type { Life, SlowMatcher } from './slow-matcher';

const NOTHING = 'set enable 31';

/**
 * A command that changes a ruleset while packets go on, and the same change of the slow matcher (whose rules and disabled sets
 * these are).
 *
 * @returns the command; a new rule's id is still to be given
 */
export function randomChange(
  random: Random,
  world: World,
  slow: SlowMatcher,
  rules: RandomRule[],
  disabled: Set<number>,
): string {
  const kind = random.pick(['add', 'delete', 'set', 'set', 'swap', 'flush', 'life', 'life'] as const);
  const tables = world.tables;
  switch (kind) {
    case 'add': {
      // Between two rules, behind them all or, once, before them.
      const at = random.below(rules.length + 1);
      const rule = randomRule(random, at === 0 ? 1 : rules[at - 1].number + 1, world);
      if (rules[at]?.number === rule.number) return NOTHING;
      rules.splice(at, 0, rule);
      return rule.command;
    }
    case 'delete': {
      if (rules.length < 2) return NOTHING;
      const rule = random.pick(rules);
      slow.remove(rule);
      return `delete ${rule.number}`;
    }
    case 'set': {
      const set = random.below(4);
      if (disabled.delete(set)) return `set enable ${set}`;
      disabled.add(set);
      return `set disable ${set}`;
    }
    case 'swap': {
      const [a, b] = [tables.get('nets')!, tables.get('others')!];
      [a.entries, b.entries] = [b.entries, a.entries];
      return 'table nets swap others';
    }
    case 'flush': {
      const name = random.pick(['numbers', 'macs', 'others', 'flows']);
      tables.get(name)!.entries = [];
      return `table ${name} flush`;
    }
    case 'life': {
      const life = random.pick<Life>(['syn', 'ack', 'fin', 'rst', 'udp', 'short']);
      const seconds = random.pick([1, 5, 10, 30]);
      slow.setLife(life, seconds);
      return `sysctl net.inet.ip.fw.dyn_${life}_lifetime=${seconds}`;
    }
  }
}
