import { isHeadline, type Benchmark, type Conditions, type Peer } from './benchmark';
import { toLines, type Line } from './lines';
import type { Session } from './session';
import { measureInTurn, type TurnOptions } from './turns';

export interface Events {
  /** A contestant does not take part, or not to the end. */
  skipped(who: string, reason: string): void;
  lines(lines: Line[]): void;
}

export interface RunOptions extends TurnOptions {
  full: boolean;
  brief: boolean;
  peers: boolean;
}

/** Measures all cases of a benchmark, ours and the peers'. */
export async function runBenchmark(
  benchmark: Benchmark,
  session: Session,
  options: RunOptions,
  events: Events,
): Promise<void> {
  for (const conditions of benchmark.cases(options.full)) {
    if (options.brief && !isHeadline(conditions)) continue;
    const peers = options.peers ? await takingPart(benchmark.peers, conditions, session, events) : [];
    const turns = await measureInTurn([benchmark.ours, ...peers], conditions, session, options);
    for (const [who, reason] of turns.failures) {
      events.skipped(who, `${[benchmark.name, ...Object.values(conditions)].join(' ')}: ${reason}`);
    }
    const lines = toLines(benchmark, conditions, turns);
    if (lines.length > 0) events.lines(lines);
  }
}

async function takingPart(
  peers: readonly Peer[],
  conditions: Conditions,
  session: Session,
  events: Events,
): Promise<Peer[]> {
  const there: Peer[] = [];
  for (const peer of peers) {
    if (!peer.fits(conditions)) continue;
    const reason = await peer.missing(session);
    if (reason === undefined) there.push(peer);
    else events.skipped(peer.name, reason);
  }
  return there;
}
