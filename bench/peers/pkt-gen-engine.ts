import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Conditions, Peer } from '../benchmark';
import type { Child } from '../child';
import { root } from '../library';
import type { Session } from '../session';
import { notFound } from './found';
import { readRate } from './pkt-gen';

const cli = join(root, 'lib', 'cli', 'main.js');

/** netmap's own tool, in C, on the engine: through the preload library. */
function pktGen(session: Session, args: readonly string[]): Child {
  // What it tells goes to standard error.
  const tool = [process.execPath, cli, 'run', '--device', 'engine', '--', 'pkt-gen', '-T', '200', ...args];
  return session.command('sh', ['-c', 'exec "$@" 2>&1', 'sh', ...tool]);
}

function missing(session: Session): string | undefined {
  if (session.kernel) return 'the engine is not what is measured';
  if (!existsSync(cli)) return 'lib/cli/main.js is not there';
  return notFound('pkt-gen', 'it comes with netmap');
}

/** The mean of its own lines, after the warm-up. It writes them on standard error. */
async function rateOf(tool: Child, session: Session): Promise<{ rate: number }> {
  await sleep(1000 * session.warmUp + 500);
  tool.forget();
  const rates: number[] = [];
  for (const end = performance.now() + 1000 * session.seconds; rates.length === 0 || performance.now() < end;) {
    rates.push(await tool.line('rate', readRate));
    tool.forget();
  }
  return { rate: rates.reduce((sum, rate) => sum + rate, 0) / rates.length };
}

export const pktGenTx: Peer = {
  name: 'pkt-gen tx',
  missing,
  fits: ({ mode }: Conditions) => mode === 'sweep to a switch',
  async measure(_, session) {
    const range = '10.0.0.1:1024-10.0.255.254:65535';
    const tool = pktGen(session, ['-i', session.names('vale').a, '-f', 'tx', '-s', range]);
    const result = await rateOf(tool, session);
    await tool.stop();
    return result;
  },
};

export const pktGenRx: Peer = {
  name: 'pkt-gen rx',
  missing,
  fits: ({ mode }: Conditions) => mode === 'count',
  async measure(_, session) {
    const { a, b } = session.names('pipe');
    const tool = pktGen(session, ['-i', b, '-f', 'rx', '-w', '0']);
    await session.portExists(b);
    const seconds = 2 * (session.warmUp + session.seconds) + 2;
    const sender = session.node([cli, 'generate', a, '--json', '--duration', String(seconds)]);
    const result = await rateOf(tool, session);
    await Promise.all([tool.stop(), sender.stop()]);
    return result;
  },
};
