/** A frame that a rule with `log` has matched. */
export interface RuleLogEntry {
  /** In ns: the `time` that was given with the batch; without one, of the monotonic clock (as `process.hrtime`). */
  time: number;
  /** The rule's number, and its id, which no other rule of the ruleset ever has. */
  rule: number;
  id: number;
  /** What the rule did: `allow`, `deny`, `count`, `pipe`, ... */
  action: string;
  /** The action's number, where it has one. */
  argument?: number;
  direction: 'in' | 'out';
  /** Receiving port, if there was one. */
  recv?: string;
  /** Sending port, if there was one. */
  xmit?: string;
  /** Bytes of the frame. */
  length: number;
  /** The first of them, up to the ruleset's `logSnaplen`. */
  data: Uint8Array;
}
