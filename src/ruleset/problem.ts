import { NetmapError } from '../errors';
import type { RuleProblem } from '../native';

/** Characters of a long line that are shown around the offence. */
const SHOWN = 100;

/** The error of commands that were refused: what is wrong, in which line and column, and the line with a mark under it. */
export function ruleError(text: string, { message, position }: RuleProblem): NetmapError {
  const bytes = Buffer.from(text, 'utf8');
  const at = Math.min(position, bytes.length);
  const before = bytes.toString('utf8', 0, at);
  const index = before.length;
  const lineStart = before.lastIndexOf('\n') + 1;
  const end = text.indexOf('\n', index);
  const line = text.slice(lineStart, end < 0 ? undefined : end);
  const row = before.split('\n').length;
  const column = index - lineStart;
  const from = Math.max(0, column - SHOWN / 2);
  const shown = line.slice(from, from + SHOWN).replace(/[^\x20-\x7e\xa0-\uffff]/g, ' ');
  const where = text.includes('\n') ? `line ${row}, column ${column + 1}` : `column ${column + 1}`;
  return new NetmapError(`${where}: ${message}\n  ${shown}\n  ${' '.repeat(column - from)}^`, {
    code: 'ERR_NETMAP_RULE',
    position: index,
  });
}
