// npm run check: types, formatter and linter, TypeScript and C++. Prints one line per step; exit status 1 if any fails.
// clang-tidy runs where it is installed (Debian: apt-get install clang-tidy); everything else comes with npm.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
let failed = 0;

function step(name, command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  if (status === 0) return;
  failed++;
  process.stdout.write(`${stdout ?? ''}${stderr ?? ''}`.replace(/^\d+ warnings? generated\.\n/gm, ''));
}

const node = process.execPath;
const bin = (name) => join(root, 'node_modules/.bin', name);
step('set-up', node, ['scripts/setup.mjs', '--tests']);
step('types', bin('tsc'), ['--noEmit', '-p', '.']);
for (const part of ['test', 'bench']) step(`types of ${part}`, bin('tsc'), ['--noEmit', '-p', part]);
step('format', bin('prettier'), ['--check', '--log-level', 'warn', '.']);
step('format of C++', node, ['scripts/clang-format.mjs']);
step('lint', bin('eslint'), ['.']);
step('package', bin('publint'), ['--strict']);

if (spawnSync('clang-tidy', ['--version']).status === 0) {
  const sources = ['device', 'engine', 'addon', 'preload', 'emulator', 'classifier']
    .map((part) => join('native', part))
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)))
    .filter((name) => name.endsWith('.cc') && !name.endsWith('no_engine.cc'));
  const headers = [join(dirname(dirname(node)), 'include/node'), dirname(require.resolve('node-addon-api'))];
  const flags = ['-std=c++17', '-DNAPI_VERSION=8', '-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS'];
  step('lint of C++', 'clang-tidy', [
    '--quiet',
    ...sources,
    '--',
    ...flags,
    ...headers.flatMap((folder) => ['-isystem', folder]),
  ]);
} else {
  console.log('skipped lint of C++: clang-tidy is not installed');
}
process.exit(failed === 0 ? 0 : 1);
