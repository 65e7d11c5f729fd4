/** The other process of {@link Peer}: runs what it is told to, and ends when its parent does. */

import * as frames from './frames';
import { lib, type Port } from './library';
import * as raw from './raw-ring';

interface Order {
  id?: number;
  task: string;
  argument: unknown;
}

const ports: Record<string, Port> = {};

function note(value: unknown): void {
  process.send!({ note: value });
}

async function obey({ id, task, argument }: Order): Promise<void> {
  try {
    const run = (0, eval)(`(${task})`) as (context: unknown, argument: unknown) => unknown;
    const result = await run({ lib, frames, raw, ports, note }, argument);
    if (id !== undefined) process.send!({ id, result });
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (id !== undefined) process.send!({ id, error: text });
    else note({ error: text });
  }
}

process.on('message', (order: Order) => void obey(order));
process.on('disconnect', () => process.exit(0));
