import { join } from 'node:path';
import type { Peer } from '../benchmark';
import { root } from '../library';
import { measureDealing } from '../benchmarks/dealing';
import { notFound } from './found';

const cli = join(root, 'lib', 'cli', 'main.js');

/** netmap's own load balancer, in C: on the kernel module where there is one, on our engine otherwise. */
export const lb: Peer = {
  name: 'lb',
  missing: () => notFound('lb', 'it comes with netmap'),
  fits: () => true,
  measure: (conditions, session) =>
    measureDealing(conditions, session, (port) =>
      session.node([cli, 'run', '--', 'lb', '-i', port, '-p', '2', '-w', '0', '-b', String(conditions.batch)]),
    ),
};
