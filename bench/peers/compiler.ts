import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cache, root } from '../library';

export interface Built {
  path: string;
  error?: string;
}

const sources = join(root, 'native', 'bench');
const output = join(cache, 'native');
const built = new Map<string, Built>();

/** What a program needs besides its source. */
export interface Needs {
  /** A folder in `native` that belongs to it: as the addon's build has compiled it, where that is there. */
  part?: string;
  /** For the linker. */
  libraries?: readonly string[];
}

/** Compiles native/bench/NAME.cc when first asked for, unless that has been done before. */
export function buildModel(name: string, { part, libraries }: Needs = {}): Built {
  return once(name, () => build(name, name, [], part === undefined ? [] : filesOf(part), libraries));
}

/** The same for a library. */
export function buildLibrary(name: string): Built {
  return once(name, () => build(name, `${name}.so`, ['-shared', '-fPIC']));
}

function once(name: string, make: () => Built): Built {
  let result = built.get(name);
  if (!result) built.set(name, (result = make()));
  return result;
}

function build(
  name: string,
  file: string,
  flags: string[],
  parts: string[] = [],
  libraries: readonly string[] = [],
): Built {
  const path = join(output, file);
  const latest = Math.max(newest(name), ...parts.map((part) => statSync(part).mtimeMs));
  if (existsSync(path) && statSync(path).mtimeMs > latest) return { path };
  mkdirSync(output, { recursive: true });
  const compiler = process.env.CXX ?? 'g++';
  const source = join(sources, `${name}.cc`);
  const args = ['-std=c++17', '-O3', '-Wall', '-Wextra', ...flags, '-o', path, source, ...parts, ...libraries];
  const { status, error, stderr } = spawnSync(compiler, args, { encoding: 'utf8' });
  if (error) return { path, error: `no C++ compiler (${compiler})` };
  return status === 0 ? { path } : { path, error: `${compiler} failed: ${stderr.trim()}` };
}

function newest(name: string): number {
  const files = readdirSync(sources).filter((file) => file.endsWith('.h') || file === `${name}.cc`);
  return Math.max(...files.map((file) => statSync(join(sources, file)).mtimeMs));
}

function filesOf(part: string): string[] {
  const objects = join(root, 'build/Release/obj.target/node_netmap/native', part);
  const [folder, ending] = existsSync(objects) ? [objects, '.o'] : [join(root, 'native', part), '.cc'];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith(ending)).map((file) => join(folder, file));
}
