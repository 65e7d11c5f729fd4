/** What is to come has to be possible when it comes. */

import { NetmapError } from '../errors';
import type { NativeEmulator } from '../native-emulator';
import { ruleError } from '../ruleset/problem';
import type { FoundCommand, ScheduledCommand } from './schedule';

/**
 * Tries commands and, behind them, all that is to come; nothing changes.
 *
 * @param text what was said, which `now` and some of `list` were found in
 * @throws NetmapError `ERR_NETMAP_RULE` with the `position` in `text` of what is wrong
 */
export function tryAll(
  native: NativeEmulator,
  folder: string,
  text: string,
  now: string,
  list: readonly (ScheduledCommand | FoundCommand)[],
): void {
  let whole = now;
  let end = Buffer.byteLength(now);
  const starts = list.map(({ command }) => {
    whole += `\n${command}`;
    const start = end + 1;
    end = start + Buffer.byteLength(command);
    return start;
  });
  const { message, position } = native.configure(whole, folder, true);
  if (message === undefined) return;
  const next = starts.findIndex((start) => start > position);
  const k = (next < 0 ? starts.length : next) - 1;
  if (k < 0) throw ruleError(text, { message, position });
  const one = list[k];
  if ('place' in one) throw ruleError(text, { message, position: one.place + position - starts[k] });
  const problem = `what is to come would not work any more: at ${one.time / 1e9}s ${one.command}: ${message}`;
  throw new NetmapError(problem, { code: 'ERR_NETMAP_RULE', position: 0 });
}
