import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Real-time priority for threads that are measured: 1, or 0 where this process may not have it. */
export const realtime = availableParallelism() > 1 && chrt('1', 'true') ? 1 : 0;

/** Gives that priority to the main thread. Not earlier than V8 has compiled its loops, which it does in threads without it. */
export function hurry(): void {
  if (realtime > 0) chrt('-p', '1', String(process.pid));
}

/** Util-linux's, as Node.js has no such call. Threads that are started later are none of it. */
function chrt(...args: string[]): boolean {
  return spawnSync('chrt', ['--reset-on-fork', '--fifo', ...args], { stdio: 'ignore' }).status === 0;
}
