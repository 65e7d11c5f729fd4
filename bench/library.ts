import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Root of the checkout, seen from where the compiled benchmarks lie. */
export const root = join(__dirname, '..', '..');

/** What the benchmarks build or install for themselves. */
export const cache = join(root, 'node_modules', '.cache', 'node-netmap-bench');

/** The library as built; loaded at run time because the compiled benchmarks lie one folder deeper than their sources. */
export const netmap = createRequire(__filename)(root) as typeof import('../lib/index');

export type Port = import('../lib/index').Port;
export type Ring = import('../lib/index').Ring;
