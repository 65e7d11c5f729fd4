import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { root } from './child';
import { scratch } from './folder';

function harness(...args: string[]) {
  return spawnSync(process.execPath, ['scripts/test-kernel.mjs', ...args], { cwd: root, encoding: 'utf8' });
}

t.test('the kernel tests are skipped in one line where something is missing', async (t) => {
  const noModule = join(scratch, 'text.ko');
  writeFileSync(noModule, 'not a module');
  for (const args of [[], ['--module', join(scratch, 'nowhere.ko')], ['--module', noModule]]) {
    const { status, stdout, stderr } = harness(...args);
    t.equal(status, 0, stderr);
    t.match(stdout, /^# skipped: .+\n$/);
  }
});

t.test('wrong usage', async (t) => {
  for (const args of [['--modul', 'x'], ['--seconds', 'x'], ['--only', 'everything'], ['x']]) {
    const { status, stdout, stderr } = harness(...args);
    t.equal(status, 2, args.join(' '));
    t.equal(stdout, '');
    t.match(stderr, /npm run test:kernel -- --module FILE/);
  }
});

t.test('the TAP of a test file is boiled down to its tests', async (t) => {
  const { digest } = (await import(join(root, 'scripts/vm/points.mjs'))) as {
    digest(output: string, end?: string): { lines: string[]; failed: boolean; skipped?: string };
  };
  const output = [
    'TAP version 14',
    '# Subtest: topic',
    '    # Subtest: good',
    '        ok 1 - an assertion',
    '        1..1',
    '    ok 1 - good # time=3ms',
    '    # Subtest: bad',
    '        not ok 1 - another',
    '        1..1',
    '    not ok 2 - bad # time=3ms',
    '    1..2',
    'not ok 1 - topic # time=9ms',
    'ok 2 - later # SKIP not here',
    '# note: seen',
    '1..2',
  ];
  const { lines, failed } = digest(output.join('\n'), 'exit status 1');
  t.strictSame(
    lines.filter((line) => !line.startsWith('#  ')),
    ['ok 1 - topic > good', 'not ok 2 - topic > bad', 'ok 3 - later # SKIP not here', '# note: seen', '1..3'],
  );
  t.equal(failed, true);
  t.match(digest('', 'SIGSEGV'), { lines: ['not ok 1 - SIGSEGV', '# ', '1..1'], failed: true });
  const unfinished = digest(output.slice(0, 8).join('\n'), 'ran for too long');
  t.match(unfinished, { lines: ['ok 1 - topic > good', 'not ok 2 - topic > bad: ran for too long'], failed: true });
  t.match(digest('TAP version 14\n1..0 # no device\n'), { lines: ['1..0'], failed: false, skipped: 'no device' });
});
