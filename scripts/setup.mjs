// Brings a checkout to where it runs: dependencies, native part, TypeScript. Does only what is out of date, and says
// nothing when nothing is. Options: --tests also compiles tests and benchmarks; --force builds anew; --check does nothing but
// fail if the native part is out of date, or not there: for npm, which would build it again for the first npx in a checkout.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const force = process.argv.includes('--force');
const tests = process.argv.includes('--tests');

process.chdir(root);
if (process.argv.includes('--check')) process.exit(addonStamp().matches ? 0 : 1);
installDependencies();
buildAddon();
compile('.', 'src', 'lib', []);
if (existsSync('lib/cli/main.js')) chmodSync('lib/cli/main.js', 0o755);
if (tests) {
  for (const part of ['test', 'bench']) compile(part, part, `${part}/.build`, ['src']);
  buildTestRunner();
}

function installDependencies() {
  const installed = 'node_modules/.package-lock.json';
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync('package-lock.json').mtimeMs) return;
  // Scripts of dependencies are of no use here: the addon is built below, and only this one.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  step(
    'installing dependencies',
    npm?.endsWith('.js') ? process.execPath : 'npm',
    npm?.endsWith('.js') ? [npm, ...args] : args,
  );
}

function addonStamp() {
  const fresh = stamp('build/.stamp', ['binding.gyp', 'package-lock.json', ...filesIn('native')]);
  return { ...fresh, matches: fresh.matches && existsSync('build/Release/node_netmap.node') };
}

function buildAddon() {
  const fresh = addonStamp();
  if (fresh.matches) return;
  const args = [
    'node_modules/node-gyp/bin/node-gyp.js',
    ...(force ? ['rebuild'] : ['configure', 'build']),
    '--jobs=max',
  ];
  const headers = localHeaders();
  if (headers && !process.env.npm_config_nodedir) args.push(`--nodedir=${headers}`);
  step('building the native part (half a minute)', process.execPath, args);
  fresh.write();
}

/** The headers that came with this Node, so that nothing is downloaded. */
function localHeaders() {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  return existsSync(join(prefix, 'include/node/node_api.h')) ? prefix : undefined;
}

function compile(project, sources, output, alsoDependsOn) {
  const files = filesIn(sources).filter((file) => /\.[cm]?ts$/.test(file));
  if (files.length === 0) return;
  const configs = ['tsconfig.json', join(project, 'tsconfig.json'), 'package-lock.json'];
  const fresh = stamp(join(output, '.stamp'), [...configs, ...files, ...alsoDependsOn.flatMap(filesIn)]);
  if (fresh.matches) return;
  step(`compiling ${sources}`, process.execPath, ['node_modules/typescript/bin/tsc', '-p', project]);
  removeOrphans(output, sources, files);
  fresh.write();
}

/** With the plugins that package.json leaves it. `tap` would do so by itself, but not before it has loaded the others. */
function buildTestRunner() {
  const fresh = stamp('node_modules/@tapjs/test/test-built/.stamp', ['package.json', 'package-lock.json']);
  if (fresh.matches) return;
  step('building the test runner', process.execPath, ['node_modules/tap/dist/esm/run.mjs', 'build']);
  fresh.write();
}

/** What was compiled from files that are no more would still be found: as a test, for example. */
function removeOrphans(output, sources, files) {
  const stems = new Set(files.map((file) => relative(sources, file).replace(/\.[cm]?ts$/, '')));
  for (const file of filesIn(output, true)) {
    if (extname(file) === '' || file.endsWith('.stamp')) continue;
    if (!stems.has(relative(output, file).replace(/(\.d)?\.[cm]?[jt]s(\.map)?$/, ''))) rmSync(file);
  }
}

/** Whether files are as they were when `path` was written. */
function stamp(path, files) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const file of [...new Set(files)].sort()) {
    hash.update(`${file}\n`);
    if (existsSync(file)) hash.update(readFileSync(file));
  }
  const digest = hash.digest('hex');
  return {
    matches: !force && existsSync(path) && readFileSync(path, 'utf8') === digest,
    write() {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, digest);
    },
  };
}

function filesIn(folder, hidden = false) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter(
      (file) =>
        hidden ||
        !relative(folder, file)
          .split(/[\\/]/)
          .some((part) => part.startsWith('.') || part === 'node_modules'),
    );
}

function step(what, command, args) {
  process.stderr.write(`node-netmap: ${what}\n`);
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (!error && status === 0) return;
  process.stderr.write(
    `${stdout ?? ''}${stderr ?? ''}\nnode-netmap: ${what} failed${error ? `: ${error.message}` : ''}\n`,
  );
  process.exit(1);
}
