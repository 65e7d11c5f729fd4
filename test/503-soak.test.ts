import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';

t.test('a short soak', { skip: process.platform !== 'linux' && 'the engine runs on Linux' }, async (t) => {
  const script = join(__dirname, 'soak', 'main.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--packets', '2e6'], { encoding: 'utf8' });
  t.equal(status, 0, stdout + stderr);
  t.match(stdout, /^ok +pipe: 1000000 sent, 1000000 received byte for byte, 0 wrong, 0 missing/m);
  t.match(stdout, /^ok +VALE: 1000000 sent/m);
  const bad = spawnSync(process.execPath, [script, '--packets', 'many'], { encoding: 'utf8' });
  t.equal(bad.status, 2);
  t.match(bad.stderr, /--packets many: a number/);
});
