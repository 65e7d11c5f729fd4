import type { Benchmark, Conditions, Goal, Measurement } from './benchmark';
import { median, summarize, type Summary } from './statistics';
import type { Turns } from './turns';

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
  /** See {@link Turns.crowded}. */
  crowded?: number;
  /** See {@link Turns.repeated}. */
  repeated: number;
}

export interface Verdict {
  goal: string;
  aim: boolean;
  reached: boolean;
}

type Rounds = readonly (Measurement | undefined)[];

/** What a case gives: all figures of ours, and of the peers those that are compared. */
export function toLines(benchmark: Benchmark, conditions: Conditions, { results, crowded, repeated }: Turns): Line[] {
  const lines: Line[] = [];
  const ours = results.get(benchmark.ours.name) ?? [];
  for (const [who, rounds] of results) {
    const isPeer = who !== benchmark.ours.name;
    for (const { name: figure, unit, main, ofPeers } of benchmark.figures) {
      if (isPeer && !main && !ofPeers) continue;
      const runs = numbers(rounds, figure);
      if (runs.length === 0) continue;
      const line: Line = {
        benchmark: benchmark.name,
        conditions,
        who,
        figure,
        unit,
        runs,
        crowded,
        repeated,
        ...summarize(runs),
      };
      const ratios = isPeer && main ? ratiosOf(ours, rounds, figure) : [];
      if (ratios.length > 0) line.ratio = median(ratios);
      lines.push(line);
    }
  }
  judge(benchmark, conditions, lines);
  return lines;
}

function numbers(rounds: Rounds, figure: string): number[] {
  return rounds.map((measured) => measured?.[figure] ?? NaN).filter(Number.isFinite);
}

/** Ours by the peer's, round by round; a round that one of them did not finish has none. */
function ratiosOf(ours: Rounds, theirs: Rounds, figure: string): number[] {
  return theirs.map((measured, i) => (ours[i]?.[figure] ?? NaN) / (measured?.[figure] ?? NaN)).filter(Number.isFinite);
}

function judge(benchmark: Benchmark, conditions: Conditions, lines: Line[]): void {
  for (const goal of benchmark.goals ?? []) {
    if (!goal.when(conditions)) continue;
    const who = goal.over ?? benchmark.ours.name;
    const line = lines.find((candidate) => candidate.who === who && candidate.figure === goal.figure);
    const value = goal.over ? line?.ratio : line?.median;
    if (line && value !== undefined) (line.goals ??= []).push(verdict(goal, value, goal.over ? 'x' : line.unit));
  }
}

function verdict({ atLeast, atMost, aim = false }: Goal, value: number, unit: string): Verdict {
  const limit = atLeast !== undefined ? `>= ${atLeast}` : `<= ${atMost}`;
  return { goal: `${limit} ${unit}`, aim, reached: value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity) };
}
