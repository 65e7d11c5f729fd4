import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { differenceTable } from './support/difference-table';

t.test('docs/fidelity.md shows every difference that the conformance suite knows', async (t) => {
  const text = readFileSync(join(__dirname, '../../docs/fidelity.md'), 'utf8');
  t.ok(text.includes(differenceTable()), `expected:\n${differenceTable()}`);
});
