/** What emulators are told, as text. */

import { wrongType } from '../check';
import type { RuleSpec } from '../ruleset';
import { ruleCommand } from '../ruleset/rule-spec';
import { Link } from './link';
import { Queue } from './queue';
import { Scheduler } from './scheduler';

/** Commands as text (one a line), or a list of texts, links, queues, schedulers and rules. */
export type EmulatorCommands = string | readonly (string | Link | Queue | Scheduler | RuleSpec)[];

/** One text, a command a line. */
export function commandText(commands: EmulatorCommands): string {
  if (typeof commands === 'string') return commands;
  if (!Array.isArray(commands)) {
    throw wrongType('commands', 'a string, or an array of strings, links, queues, schedulers and rules', commands);
  }
  return (commands as readonly (string | Link | Queue | Scheduler | RuleSpec)[])
    .map((one) => {
      if (typeof one === 'string') return one;
      if (one instanceof Link || one instanceof Queue || one instanceof Scheduler) return one.command;
      return ruleCommand(one);
    })
    .join('\n');
}
