import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isHeadline, type Conditions, type Peer } from '../benchmark';
import type { Session } from '../session';
import { notFound } from './found';

const SCALE: Record<string, number> = { '': 1e-6, K: 1e-3, M: 1, G: 1e3 };

/** Millions of packets per second in a line of pkt-gen's, such as `20.031 Mpps (20.051 Mpkts 9.6 Gbps in ...`. */
export function readRate(line: string): number | undefined {
  const found = /([\d.]+) ([KMG]?)pps \(/.exec(line);
  return found ? Number(found[1]) * SCALE[found[2]] : undefined;
}

/** netmap's own generator and sink, in C, on the kernel module. */
async function measure(names: { a: string; b: string }, { batch, frame }: Conditions, session: Session) {
  const args = (name: string, role: string) => [
    ...['-i', name, '-f', role, '-l', String(frame), '-b', String(batch), '-w', '0', '-T', '200'],
  ];
  // What it tells goes to standard error.
  const start = (name: string, role: string) =>
    session.command('sh', ['-c', 'exec "$@" 2>&1', 'sh', 'pkt-gen', ...args(name, role)]);
  const receiver = start(names.a, 'rx');
  const sender = start(names.b, 'tx');
  await sleep(1000 * session.warmUp + 500);
  receiver.forget();
  const rates: number[] = [];
  for (const end = performance.now() + 1000 * session.seconds; rates.length === 0 || performance.now() < end;) {
    rates.push(await receiver.line('rate', readRate));
    receiver.forget();
  }
  await Promise.all([receiver.stop(), sender.stop()]);
  return { rate: rates.reduce((sum, rate) => sum + rate, 0) / rates.length };
}

function missing(): string | undefined {
  if (!existsSync('/dev/netmap')) return 'there is no /dev/netmap';
  return notFound('pkt-gen', 'it comes with netmap');
}

function pktGen(what: string, names: { a: string; b: string }, fits: Peer['fits']): Peer {
  return {
    name: `pkt-gen ${what}`,
    missing,
    fits,
    measure: (conditions, session) => measure(names, conditions, session),
  };
}

export const pktGenPipe = pktGen('pipe', { a: 'netmap:benchpeer{1', b: 'netmap:benchpeer}1' }, isHeadline);
export const pktGenVale = (fits: Peer['fits']) =>
  pktGen('VALE', { a: 'vale7:benchpeera', b: 'vale7:benchpeerb' }, fits);
