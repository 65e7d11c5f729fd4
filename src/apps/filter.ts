import { wrongType } from '../check';
import { Ruleset } from '../ruleset';

/**
 * Which packets an app is to keep: rules, as a {@link Ruleset} or as text. Text is what follows `add allow` in a rule of ipfw
 * (`udp dst-port 53`), or whole commands, one a line (`docs/ipfw.md`). Frames are `in`, and `recv` is the app's port.
 */
export type Filter = Ruleset | string;

/** The rules of an option; undefined if there are none. */
export function parseFilter(name: string, filter: unknown): Ruleset | undefined {
  if (filter === undefined || filter instanceof Ruleset) return filter;
  if (typeof filter !== 'string') throw wrongType(name, 'a Ruleset or text', filter);
  return Ruleset.filter(filter);
}
