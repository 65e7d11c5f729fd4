import { POLL } from '../constants';
import type { Port } from '../port';

/** Something to wait for: packets (`POLL.IN`) or room (`POLL.OUT`) on a port. */
export interface Want {
  port: Port;
  direction: number;
}

/** Why the other waits are called off. Made once: without a reason, each `abort()` makes an exception with a stack trace. */
const OVER = Symbol('over');

/**
 * Waits until one of several ports has what is wanted of it. The others' waits are called off then, because a port has one
 * waiter per direction.
 *
 * @param signal ends the wait, without an error
 * @param patience ms at most; Infinity = for ever
 * @throws NetmapError what a port says
 */
export async function waitForAny(wants: readonly Want[], signal: AbortSignal, patience: number): Promise<void> {
  if (signal.aborted) return;
  if (wants.length === 1) return begin(wants[0], signal, patience);
  const stopper = new AbortController();
  const stop = () => stopper.abort(OVER);
  const timer = patience === Infinity ? undefined : setTimeout(stop, Math.min(patience, 0x7fffffff));
  signal.addEventListener('abort', stop);
  const waits = wants.map((want) => begin(want, stopper.signal, Infinity));
  try {
    if (waits.length > 0) await Promise.race(waits);
    else await new Promise<void>((over) => stopper.signal.addEventListener('abort', () => over()));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    stop();
    await Promise.allSettled(waits);
  }
}

/** Waits for something, or until the signal aborts. */
export async function unlessAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let stop: () => void = () => {};
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', (stop = () => resolve())));
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function begin({ port, direction }: Want, signal: AbortSignal, timeout: number): Promise<void> {
  try {
    await (direction === POLL.IN ? port.readable({ signal, timeout }) : port.writable({ signal, timeout }));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
