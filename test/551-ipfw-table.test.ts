/** docs/ipfw.md: what it says is supported is taken, what it says is refused is refused for that reason. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Ruleset } from 'node-netmap';
import { root } from './child';

const SETUP = `
table 1 create type addr
table nets create type addr
table nets add 192.168.0.0/16
table others create type addr
table numbers create type number
table macs create type mac
table ports create type iface
table flows create type flow:src-ip,dst-port
add 100 count ip from any to any
add 200 set 1 count ip from any to any
add 300 set 5 count ip from any to any`;

/** What an example of a section is part of. */
const FRAMES: Record<string, (example: string) => string> = {
  Commands: (text) => text,
  'Before the action': (text) => `add ${text} count ip from any to any`,
  Actions: (text) =>
    `add ${text}${text.startsWith('check-state') ? '' : ` ip from any to any${text.includes('tablearg') ? ' src-ip table(1)' : ''}`}`,
  'Behind the action': (text) =>
    `add count ${text} ip from any to any${text.includes('tablearg') ? ' src-ip table(1)' : ''}`,
  'The body': (text) => `add count ${text}`,
  Options: (text) => `add count ip from any to any ${text}`,
  Tables: (text) => text,
};
const KINDS = ['supported', 'adapted', 'new', 'refused'];

const text = readFileSync(join(root, 'docs', 'ipfw.md'), 'utf8');
const sections = text.split(/^## /m).slice(1);

t.same(
  sections.map((section) => section.slice(0, section.indexOf('\n'))),
  Object.keys(FRAMES),
  'the sections are known',
);

for (const section of sections) {
  const name = section.slice(0, section.indexOf('\n'));
  t.test(name, async (t) => {
    const rows = section.split('\n').filter((line) => line.startsWith('| `'));
    t.ok(rows.length > 0);
    for (const row of rows) {
      const [examples, kind] = row.slice(1).split(' | ');
      if (!t.ok(KINDS.includes(kind.trim()), row)) continue;
      for (const [, example] of examples.matchAll(/`([^`]+)`/g)) {
        const command = FRAMES[name](example);
        const rules = new Ruleset(SETUP);
        if (kind.trim() === 'refused') {
          t.throws(
            () => rules.check(command),
            { code: 'ERR_NETMAP_RULE', message: /not supported|address/ },
            `refused: ${command}`,
          );
        } else {
          t.doesNotThrow(() => rules.apply(command), command);
        }
      }
    }
  });
}

t.test('every word that the parser knows is in the table', async (t) => {
  const words = (file: string, list: string) => {
    const source = readFileSync(join(root, 'native', 'classifier', 'language', file), 'utf8');
    const begin = source.indexOf(`${list}[] = {`);
    return [...source.slice(begin, source.indexOf('\n};', begin)).matchAll(/\{"([\w-]+)"/g)].map(([, word]) => word);
  };
  const known = new Set([...text.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => code.split(/[\s,]+/)));
  const all = [
    ...words('rule_parser.cc', 'kActions'),
    ...words('option_parser.cc', 'kOptions'),
    ...words('refused.cc', 'kActions'),
    ...words('refused.cc', 'kOptions'),
  ];
  t.ok(all.length > 100, `${all.length} words`);
  t.same(
    all.filter((word) => !known.has(word)),
    [],
  );
});
