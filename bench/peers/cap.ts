import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Conditions, Peer } from '../benchmark';
import { root } from '../library';
import type { Session } from '../session';
import { VethPair, vethMissing } from './veth-pair';

const folder = join(root, 'bench', '.build', 'peers');
let checked: { reason: string | undefined } | undefined;

/** npm's binding to libpcap, sending on one end of a veth pair and receiving on the other, a process each. */
export function cap(fits: (conditions: Conditions) => boolean): Peer {
  return {
    name: 'cap on veth',
    missing: (session) => (checked ??= { reason: vethMissing() ?? install(session) }).reason,
    fits,
    async measure({ frame = 60 }, session) {
      const pair = new VethPair();
      try {
        const args = (role: string, device: string) => {
          const told = { role, device, folder, frame, seconds: session.seconds, warmUp: session.warmUp };
          return pair.inside([process.execPath, join(__dirname, '..', 'programs', 'cap.js'), JSON.stringify(told)]);
        };
        const [receive, send] = [args('receive', pair.b), args('send', pair.a)];
        const receiver = session.command(receive[0], receive.slice(1));
        await receiver.message('ready');
        const sender = session.command(send[0], send.slice(1));
        try {
          return { rate: (await receiver.message('result')).rate };
        } finally {
          await Promise.all([sender.stop(), receiver.stop()]);
        }
      } finally {
        pair.remove();
      }
    },
  };
}

/** Into a folder beside the compiled benchmarks, and only if the user asked for it. */
function install(session: Session): string | undefined {
  if (existsSync(join(folder, 'node_modules', 'cap', 'build', 'Release', 'cap.node'))) return undefined;
  if (!session.installPeers) return 'npm cap is not installed (--peers installs it into bench/.build)';
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', 'cap@0.2.1'];
  const { status, stderr, error } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8', timeout: 300_000 });
  if (status === 0) return undefined;
  const lines = (error?.message ?? stderr ?? '').split('\n');
  const reason = lines.find((line) => /error:|ERR!|not found/.test(line)) ?? lines[0];
  return `npm cap could not be installed: ${reason.trim()}`;
}
