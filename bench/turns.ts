import type { Conditions, Contestant, Measurement } from './benchmark';
import { contentionNow, untilQuiet, watchContention } from './contention';
import type { Session } from './session';
import { median } from './statistics';

export interface TurnOptions {
  runs: number;
  /** Measurements before or after which tasks wait for a core for more of the time than this, in percent, are repeated. */
  quiet?: number;
}

export interface Turns {
  /** By contestant and round; a round that failed has none. */
  results: Map<string, (Measurement | undefined)[]>;
  /** Why rounds failed, by contestant. */
  failures: Map<string, string>;
  /** Share of the time, in percent, in which some task on the machine waited for a core: median over the measurements. */
  crowded: number | undefined;
  /** Measurements that were thrown away because of that. */
  repeated: number;
}

/** The machine had other things to do: may be better in the next round. */
class Disturbed extends Error {}

/** Measures contestants in turn, A B A B, because the machine is not the same all the time. */
export async function measureInTurn(
  contestants: readonly Contestant[],
  conditions: Conditions,
  session: Session,
  { runs, quiet }: TurnOptions,
): Promise<Turns> {
  const results: Turns['results'] = new Map(contestants.map(({ name }) => [name, []]));
  const failures: Turns['failures'] = new Map();
  const broken = new Set<string>();
  const shares: number[] = [];
  let repeated = 0;
  for (let run = 0; run < runs; run++) {
    for (const contestant of contestants) {
      const { name } = contestant;
      if (broken.has(name)) continue;
      try {
        const { measured, contention, tries } = await measureQuietly(contestant, conditions, session, quiet);
        results.get(name)![run] = measured;
        if (contention !== undefined) shares.push(contention);
        repeated += tries - 1;
      } catch (error) {
        if (!(error instanceof Disturbed)) broken.add(name);
        failures.set(name, error instanceof Error ? error.message : String(error));
      }
    }
  }
  return { results, failures, crowded: shares.length > 0 ? median(shares) : undefined, repeated };
}

/** Measurements that are thrown away because somebody else needed the cores, until a round is given up. */
const MOST_TRIES = 4;

/**
 * One measurement; with `quiet`, one with a quiet moment before and after it. What happens in between is no criterion: our
 * own processes wait for one another's core as well, the more so the faster the scheduler puts them on one, and who threw
 * those measurements away would choose the result.
 */
async function measureQuietly(contestant: Contestant, conditions: Conditions, session: Session, quiet?: number) {
  for (let tries = 1; ; tries++) {
    if (quiet !== undefined) await untilQuiet(quiet);
    const watch = watchContention();
    const measured = await contestant.measure(conditions, session);
    const contention = watch();
    const afterwards = quiet === undefined ? 0 : await contentionNow();
    if (quiet === undefined || afterwards <= quiet) return { measured, contention, tries };
    if (tries === MOST_TRIES) throw new Disturbed(`others needed the cores for ${afterwards.toFixed(0)} % of the time`);
  }
}
