// npm run check: types, formatter and linter, TypeScript and C++. Prints one line per step; exit status 1 if any fails.
// clang-tidy runs where it is installed (Debian: apt-get install clang-tidy); everything else comes with npm.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const node = process.execPath;
const bin = (name) => join(root, 'node_modules/.bin', name);
let failed = 0;

/** Runs a command to its end: whether it succeeded, and what it printed. */
function run([command, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (data) => (text += data));
    child.on('error', (error) => resolve({ good: false, text: String(error) }));
    child.on('close', (status) => resolve({ good: status === 0, text }));
  });
}

/** A step of one or more commands. */
async function step(name, ...commands) {
  const results = [];
  for (const command of commands) results.push(await run(command));
  const good = results.every((result) => result.good);
  console.log(`${good ? 'ok    ' : 'FAILED'} ${name}`);
  if (good) return;
  failed++;
  for (const { good, text } of results) {
    if (!good) process.stdout.write(text.replace(/^\d+ warnings? generated\.\n/gm, ''));
  }
}

/** Works the tasks off, as many at a time as there are processors. */
async function all(tasks) {
  const queue = [...tasks];
  const worker = async () => {
    for (let task = queue.shift(); task; task = queue.shift()) await task();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

function clangTidy() {
  if (spawnSync('clang-tidy', ['--version']).status !== 0) {
    console.log('skipped lint of C++: clang-tidy is not installed');
    return [];
  }
  const headers = [join(dirname(dirname(node)), 'include/node'), dirname(require.resolve('node-addon-api'))];
  const flags = [
    ...['-std=c++17', '-DNAPI_VERSION=8', '-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS'],
    ...headers.flatMap((folder) => ['-isystem', folder]),
    // A third of the analyzer's usual patience with a function: it takes half of the time.
    ...['-Xclang', '-analyzer-config', '-Xclang', 'max-nodes=75000'],
  ];
  const folders = readdirSync(join(root, 'native'), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length))
    .filter((folder) => !/^native\/(test|bench|fuzz)/.test(folder));
  return folders
    .map((folder) => [folder, readdirSync(join(root, folder)).filter((name) => /(?<!no_engine)\.cc$/.test(name))])
    .filter(([, names]) => names.length > 0)
    .map(([folder, names]) => () => {
      const sources = names.map((name) => join(folder, name));
      return step(`lint of ${folder}`, ['clang-tidy', '--quiet', ...sources, '--', ...flags]);
    });
}

await step('set-up', [node, 'scripts/setup.mjs', '--tests']);
if (!existsSync(join(root, 'node_modules'))) process.exit(1);
await all([
  ...clangTidy(),
  () => step('types', [bin('tsc'), '--noEmit', '-p', '.']),
  ...['test', 'bench'].map((part) => () => step(`types of ${part}`, [bin('tsc'), '--noEmit', '-p', part])),
  () => step('format', [bin('prettier'), '--check', '--log-level', 'warn', '.']),
  () => step('format of C++', [node, 'scripts/clang-format.mjs']),
  () => step('lint', [bin('eslint'), '.']),
  () => step('package', [bin('publint'), '--strict']),
]);
process.exit(failed === 0 ? 0 : 1);
