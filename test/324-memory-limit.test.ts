/** A process that may not have more address space gets an error that says so, and goes on. */
import { contents } from './support/engine-folder';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';

const skip = spawnSync('prlimit', ['--version']).status !== 0 && 'needs prlimit (util-linux)';

t.test('open with the address space used up', { skip }, async (t) => {
  const child = spawnSync(process.execPath, [join(__dirname, 'support', 'limited.js')], { encoding: 'utf8' });
  t.equal(child.status, 0, child.stderr);
  const { refused, later, received } = JSON.parse(child.stdout) as Record<string, string>;
  t.match(refused, /^ENOMEM .*address space.*ulimit -v/s);
  t.equal(later, 'open', 'with the limit lifted it works');
  t.equal(received, 1, 'and the port that was open before has worked all along');
  t.same(contents(), [], 'nothing is left');
});
