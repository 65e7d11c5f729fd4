// npm run fuzz [-- --rounds N] [--seed N] [--only WORDS]: the randomised tests for long. Each makes N (170) times the
// rounds it makes in CI, from another seed; 170 of the hostile-memory test are 10^7 mutations. Prints one line per test
// and the seed, with which a failure can be run again. Exit status 1 on any failure.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '170' }, seed: { type: 'string' }, only: { type: 'string' } },
});
for (const name of ['rounds', 'seed']) {
  if (values[name] !== undefined && !(Number(values[name]) > 0)) {
    console.error(`--${name} ${values[name]}: a number above 0`);
    process.exit(2);
  }
}
const seed = values.seed ?? String(1 + (Date.now() % 1_000_000));
const env = { ...process.env, NM_ROUNDS: values.rounds, NM_SEED: seed };
const wanted = (name) => !values.only || values.only.split(',').some((word) => name.includes(word));
let failed = 0;

function run(name, command, args) {
  if (!wanted(name)) return;
  const begun = Date.now();
  const { status, signal, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const seconds = ((Date.now() - begun) / 1000).toFixed(0);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}, ${seconds} s, seed ${seed}`);
  for (const line of stdout.match(/^# (?!time).*$/gm) ?? []) console.log(`       ${line.slice(2)}`);
  if (status === 0) return;
  failed++;
  console.log(`${stdout.slice(-4000)}${stderr.slice(-8000)}${signal ?? ''}`);
}

function must(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}\n${command} failed\n`);
  process.exit(1);
}

for (const name of readdirSync(join(root, 'test/.build'))) {
  if (/^\d+-fuzz-.*\.test\.js$/.test(name))
    run(name.replace('.test.js', ''), process.execPath, [join('test/.build', name)]);
}
if (process.platform === 'linux' && spawnSync('cmake', ['--version']).status === 0) {
  const build = join(root, 'build-address-undefined');
  mkdirSync(build, { recursive: true });
  must('cmake', ['-S', root, '-B', build, '-DNM_SANITIZE=address,undefined']);
  must('cmake', ['--build', build, '-j', '2']);
  for (const name of readdirSync(join(root, 'native/test')).sort()) {
    const program = name.replace('.cc', '');
    if (/fuzz|hostile|kill|fault/.test(name) && name.endsWith('_test.cc')) run(program, join(build, program), []);
  }
} else {
  console.log('skipped the native ones: they need Linux and cmake');
}
process.exit(failed === 0 ? 0 : 1);
