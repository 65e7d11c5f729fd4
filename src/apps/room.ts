import { NetmapError } from '../errors';
import type { Port } from '../port';
import type { Ring } from '../ring';
import { sleep } from './event-loop';

/** How long a sender looks for room again and again before it goes to sleep, in ms: waking up takes as long. */
const SPIN_MS = 0.05;

/** Waits until a ring has room for `slots` slots, or until the signal aborts. */
export async function waitForRoom(port: Port, ring: Ring, slots: number, signal: AbortSignal): Promise<void> {
  const until = performance.now() + SPIN_MS;
  do {
    port.txSync();
    if (ring.available >= slots) return;
  } while (performance.now() < until);
  if (fillsForGood(port)) {
    const hint = 'use a switch (vale0:a), a pipe with a reader, or the null port of the engine (--device engine)';
    throw new NetmapError(
      `'${port.name}' is full: the null port of the kernel never gives slots back, so it takes ${ring.numSlots - 1} ` +
        `packets at most; ${hint}`,
      { code: 'ENOBUFS', port: port.name, hint },
    );
  }
  // Room enough for one slot wakes us; a frame of several may have to wait a little longer.
  if (ring.available > 0) return sleep(1, signal);
  try {
    await port.writable({ signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * Waits until the device has taken everything: what lies in the ring of a network card would not go out, and what lies in a
 * pipe would be lost with our end of it if nobody has opened the other one yet.
 *
 * @param patience how long it waits while nothing is taken, in ms
 */
export async function drain(port: Port, ring: Ring, signal: AbortSignal, patience: number): Promise<void> {
  if (fillsForGood(port)) return;
  let before = Infinity;
  let until = 0;
  for (;;) {
    port.txSync();
    const { pending } = ring;
    if (pending === 0 || signal.aborted) return;
    if (pending < before) until = performance.now() + patience;
    else if (performance.now() > until) return;
    before = pending;
    await sleep(1, signal);
  }
}

/** Whether it is a null port of the kernel: what is sent there stays in the ring for ever. */
function fillsForGood({ device, name }: Port): boolean {
  return device === 'kernel' && name.startsWith('null:');
}
