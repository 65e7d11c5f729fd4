/** A rule with its counters. */
export interface RuleReport {
  /** No other rule of the ruleset ever has the same. */
  id: number;
  number: number;
  set: number;
  /** From the action on, as it was given. */
  text: string;
  comment?: string;
  packets: number;
  /** Of whole frames, as on the port's counters. */
  bytes: number;
  /** When it matched last, in ns of the clock that frames come with; null if never. */
  last: number | null;
}
