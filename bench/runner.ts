import { isHeadline, type Benchmark, type Conditions, type Contestant } from './benchmark';
import type { Goal, Measurement, Peer } from './benchmark';
import type { Session } from './session';
import { untilQuiet, watchContention } from './contention';
import { median, summarize, type Summary } from './statistics';

/** One line of the result: one figure of one contestant in one case. */
export interface Line extends Summary {
  benchmark: string;
  conditions: Conditions;
  who: string;
  figure: string;
  unit: string;
  runs: number[];
  /** Ours divided by the peer's: the median over the rounds, each with its own pair. Only on lines of peers. */
  ratio?: number;
  goals?: Verdict[];
  /** Share of the time, in percent, in which some task on the machine waited for a core. */
  crowded?: number;
  /** Measurements of this case that were thrown away because of that, see {@link RunOptions.quiet}. */
  repeated?: number;
}

export interface Verdict {
  goal: string;
  aim: boolean;
  reached: boolean;
}

export interface Events {
  /** A contestant does not take part; told once for each. */
  skipped(who: string, reason: string): void;
  lines(lines: Line[]): void;
}

export interface RunOptions {
  runs: number;
  full: boolean;
  brief: boolean;
  peers: boolean;
  /** Measurements during which some task waited for a core for longer than this, in percent, are repeated. */
  quiet?: number;
}

/** Measures all cases of a benchmark, ours and the peers' in turn: A B A B, as the machine is not the same all the time. */
export async function runBenchmark(
  benchmark: Benchmark,
  session: Session,
  options: RunOptions,
  events: Events,
): Promise<void> {
  for (const conditions of benchmark.cases(options.full)) {
    if (options.brief && !isHeadline(conditions)) continue;
    const contestants: Contestant[] = [benchmark.ours];
    if (options.peers) {
      for (const peer of benchmark.peers)
        if (await takesPart(peer, conditions, session, events)) contestants.push(peer);
    }
    const { results, crowded, repeated } = await measureInTurn(contestants, conditions, session, options, events);
    const lines = toLines(benchmark, conditions, results);
    for (const line of lines) Object.assign(line, { crowded, repeated });
    if (lines.length > 0) events.lines(lines);
  }
}

async function takesPart(peer: Peer, conditions: Conditions, session: Session, events: Events): Promise<boolean> {
  if (!peer.fits(conditions)) return false;
  const reason = await peer.missing(session);
  if (reason !== undefined) events.skipped(peer.name, reason);
  return reason === undefined;
}

type Results = Map<string, Measurement[]>;

async function measureInTurn(
  contestants: Contestant[],
  conditions: Conditions,
  session: Session,
  { runs, quiet }: RunOptions,
  events: Events,
): Promise<{ results: Results; crowded: number | undefined; repeated: number }> {
  const results: Results = new Map();
  const failed = new Set<string>();
  const shares: number[] = [];
  let repeated = 0;
  for (let run = 0; run < runs; run++) {
    for (const contestant of contestants) {
      const { name } = contestant;
      if (failed.has(name)) continue;
      try {
        const { measured, contention, tries } = await measureQuietly(contestant, conditions, session, quiet);
        results.set(name, [...(results.get(name) ?? []), measured]);
        if (contention !== undefined) shares.push(contention);
        repeated += tries - 1;
      } catch (error) {
        failed.add(name);
        events.skipped(name, error instanceof Error ? error.message : String(error));
      }
    }
  }
  for (const name of failed) results.delete(name);
  return { results, crowded: shares.length > 0 ? median(shares) : undefined, repeated };
}

/** Most measurements that are thrown away because somebody else needed the cores. */
const MOST_TRIES = 8;

/** One measurement; with `quiet`, the first one that nobody disturbed, or the last one of several. */
async function measureQuietly(contestant: Contestant, conditions: Conditions, session: Session, quiet?: number) {
  for (let tries = 1; ; tries++) {
    if (quiet !== undefined) await untilQuiet();
    const watch = watchContention();
    const measured = await contestant.measure(conditions, session);
    const contention = watch();
    if (quiet === undefined || contention === undefined || contention <= quiet || tries === MOST_TRIES) {
      return { measured, contention, tries };
    }
  }
}

function toLines(benchmark: Benchmark, conditions: Conditions, results: Results): Line[] {
  const lines: Line[] = [];
  const ours = results.get(benchmark.ours.name);
  for (const [who, measurements] of results) {
    for (const { name: figure, unit, main } of benchmark.figures) {
      const runs = measurements.map((measurement) => measurement[figure]).filter((value) => Number.isFinite(value));
      if (runs.length === 0) continue;
      const line: Line = { benchmark: benchmark.name, conditions, who, figure, unit, runs, ...summarize(runs) };
      const isPeer = who !== benchmark.ours.name;
      if (isPeer && main && ours) line.ratio = median(runs.map((value, i) => ours[i][figure] / value));
      if (isPeer && !main && benchmark.figures.length > 1 && unit !== 'us') continue;
      lines.push(line);
    }
  }
  judge(benchmark, conditions, lines);
  return lines;
}

function judge(benchmark: Benchmark, conditions: Conditions, lines: Line[]): void {
  for (const goal of benchmark.goals ?? []) {
    if (!goal.when(conditions)) continue;
    const who = goal.over ?? benchmark.ours.name;
    const line = lines.find((candidate) => candidate.who === who && candidate.figure === goal.figure);
    if (line) (line.goals ??= []).push(verdict(goal, line));
  }
}

function verdict(goal: Goal, line: Line): Verdict {
  const { atLeast = -Infinity, atMost = Infinity, over, aim = false } = goal;
  const value = over ? (line.ratio ?? NaN) : line.median;
  const limit = goal.atLeast !== undefined ? `>= ${goal.atLeast}` : `<= ${goal.atMost}`;
  return { goal: over ? `${limit} x` : `${limit} ${line.unit}`, aim, reached: value >= atLeast && value <= atMost };
}
