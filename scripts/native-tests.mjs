// Builds the native test programs with sanitizers and runs them: npm run test:native [-- thread]
// Prints their TAP and, at the end, one line with the numbers. Exit status 1 on any failure.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sanitizers = process.argv[2] === 'thread' ? 'thread' : 'address,undefined';
const build = join(root, `build-${sanitizers.replace(',', '-')}`);

function must(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error ?? ''}\n${command} failed\n`);
  process.exit(1);
}

if (process.platform !== 'linux' || spawnSync('cmake', ['--version']).status !== 0) {
  console.log('# skipped: the native tests need Linux and cmake');
  process.exit(0);
}
mkdirSync(build, { recursive: true });
// Eight files at a time: most of what a compiler reads here are headers, the same ones again and again.
must('cmake', ['-S', root, '-B', build, `-DNM_SANITIZE=${sanitizers}`, '-DCMAKE_UNITY_BUILD=ON']);
must('cmake', ['--build', build, '-j', '2']);

let passed = 0;
let failed = 0;
for (const name of readdirSync(join(root, 'native/test')).sort()) {
  if (!name.endsWith('_test.cc')) continue;
  if (sanitizers === 'thread' && /^(hostile|kill)/.test(name)) continue; // races on purpose; processes, not threads
  const program = name.replace('.cc', '');
  console.log(`# ${program}`);
  const { status, stdout, stderr } = spawnSync(join(build, program), { encoding: 'utf8', timeout: 240_000 });
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  const good = (stdout.match(/^ok /gm) ?? []).length;
  const bad = (stdout.match(/^not ok /gm) ?? []).length;
  passed += good;
  // A program that a sanitizer ends prints no verdict on the test it was in.
  failed += status !== 0 && bad === 0 ? 1 : bad;
}
console.log(`native: ${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
