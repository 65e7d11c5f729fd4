/** How busy loops share the event loop with timers, signals and everything else. */

/** How long a loop works before it lets the event loop turn, in ms. */
export const TURN_MS = 4;

/** Node's timers go up to 2^31 - 1 ms; who sleeps longer looks again then. */
const MAX_TIMER = 0x7fffffff;

/** Lets the event loop turn once: timers, signals and I/O get what is theirs. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Sleeps for some milliseconds, or until the signal says that it is over. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, Math.min(ms, MAX_TIMER));
    signal.addEventListener('abort', wake);
  });
}
