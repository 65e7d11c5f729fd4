import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Microseconds since boot during which some runnable task had no core; undefined where the system does not tell. */
export function waited(): number | undefined {
  try {
    const found = /^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'latin1'));
    return found ? Number(found[1]) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Starts to watch how crowded the machine is. The result tells which share of the time since, in percent, somebody
 * waited for a core: on an idle machine next to nothing, and where it is much, figures of two processes mean little.
 */
export function watchContention(): () => number | undefined {
  const start = performance.now();
  const before = waited();
  return () => {
    const after = waited();
    if (before === undefined || after === undefined) return undefined;
    return Math.min(100, (after - before) / 10 / (performance.now() - start));
  };
}

/** The same for the next moment. */
export async function contentionNow(): Promise<number> {
  const contention = watchContention();
  await sleep(200);
  return contention() ?? 0;
}

/** Waits for a moment with less contention than `percent`: at most a quarter of a minute. */
export async function untilQuiet(percent: number): Promise<void> {
  for (let tries = 0; tries < 75; tries++) if ((await contentionNow()) <= percent) return;
}
