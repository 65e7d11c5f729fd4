import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Conditions, Peer } from '../benchmark';
import { cache } from '../library';
import type { Session } from '../session';
import { VethPair, vethMissing } from './veth-pair';

const folder = join(cache, 'peers');
let checked: { reason: string | undefined } | undefined;

/**
 * npm's binding to libpcap, sending into a veth pair. Only that: its receiving side corrupts the heap under load, and a
 * receiver slower than this sender would be no better.
 */
export function cap(fits: (conditions: Conditions) => boolean): Peer {
  return {
    name: 'cap, sending on veth',
    missing: (session) => (checked ??= { reason: vethMissing() ?? install(session) }).reason,
    fits,
    async measure({ frame = 60 }, session) {
      const { seconds, warmUp } = session;
      const pair = new VethPair();
      try {
        const told = { device: pair.a, folder, frame, seconds, warmUp };
        const program = join(__dirname, '..', 'programs', 'cap.js');
        const child = session.command('ip', [...pair.inside, process.execPath, program, JSON.stringify(told)]);
        const result = await child.message('result');
        await child.end();
        return result;
      } finally {
        pair.remove();
      }
    },
  };
}

/** Into a folder beside the compiled benchmarks, and only if the user asked for it. */
function install(session: Session): string | undefined {
  if (existsSync(join(folder, 'node_modules', 'cap', 'build', 'Release', 'cap.node'))) return undefined;
  if (!session.installPeers) return 'npm cap is not installed (--peers installs it into node_modules/.cache)';
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', 'cap@0.2.1'];
  const { status, stderr, error } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8', timeout: 300_000 });
  if (status === 0) return undefined;
  const lines = (error?.message ?? stderr ?? '').split('\n');
  const reason = lines.find((line) => /error:|ERR!|not found/.test(line)) ?? lines[0];
  return `npm cap could not be installed: ${reason.trim()}`;
}
