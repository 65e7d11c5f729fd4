import type { Test } from 'tap';
import type { Lab } from './lab';

/** Proves one rule on whatever device the lab has. */
export type Rule = (t: Test, lab: Lab) => unknown;

/** Rules that belong together, by name. Each gets a lab of its own. */
export interface Topic {
  title: string;
  rules: Record<string, Rule>;
}
