// Checks the format of the C++ sources, or with --write puts it right.
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const package_ = join(root, 'node_modules/clang-format-node');
// Set-up runs no install scripts, and the one of this package only does this.
for (const name of readdirSync(join(package_, 'bin'), { recursive: true }))
  chmodSync(join(package_, 'bin', name), 0o755);

const files = readdirSync(join(root, 'native'), { recursive: true })
  .filter((name) => /\.(cc|h)$/.test(name))
  .map((name) => join(root, 'native', name));
const mode = process.argv.includes('--write') ? ['-i'] : ['--dry-run', '-Werror'];
const { status } = spawnSync(process.execPath, [join(package_, 'build/cli.js'), ...mode, ...files], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
