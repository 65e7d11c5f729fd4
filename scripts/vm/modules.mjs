// Kernel modules of a Debian kernel, and what each needs before it.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Paths of the modules with these names and of all that they need, in the order of loading. What is built in is left out. */
export function modulePaths(release, names) {
  const folder = `/lib/modules/${release}`;
  const needs = new Map();
  for (const line of readFileSync(join(folder, 'modules.dep'), 'utf8').split('\n')) {
    const [path, rest = ''] = line.split(':');
    if (path) needs.set(nameOf(path), [path, ...rest.split(' ').filter(Boolean)]);
  }
  // modules.dep lists what a module needs nearest first.
  const paths = names.flatMap((name) => [...(needs.get(name) ?? [])].reverse());
  return [...new Set(paths)].map((path) => join(folder, path));
}

/** Copies a module, unpacked, because busybox does not unpack; returns the name of the copy. */
export function copyModule(path, folder) {
  const name = `${nameOf(path)}.ko`;
  const target = join(folder, name);
  if (path.endsWith('.gz')) writeFileSync(target, gunzipSync(readFileSync(path)));
  else if (path.endsWith('.xz')) writeFileSync(target, unpacked('xz', path));
  else if (path.endsWith('.zst')) writeFileSync(target, unpacked('zstd', path));
  else copyFileSync(path, target);
  return name;
}

function nameOf(path) {
  return basename(path).replace(/\.ko(\.\w+)?$/, '');
}

function unpacked(program, path) {
  const { status, stdout, error } = spawnSync(program, ['-dc', path], { maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${program} cannot unpack ${path}${error ? `: ${error.message}` : ''}`);
  return stdout;
}
