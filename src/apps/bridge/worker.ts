/** What each worker thread of a bridge runs: one ring of each port. */

import { open } from '../../open';
import type { Port } from '../../port';
import type { PortOptions } from '../../spec';
import type { ReceiverOptions } from '../receiver';
import { Bridge } from './index';
import { loadHooks } from './hook-file';

/** Plain data: it goes to another thread. */
export interface BridgeWorkerOptions extends ReceiverOptions {
  /** Name of the second port, and what to open of it. */
  to: string;
  open: PortOptions;
  hook?: string;
  filter?: string;
  oneWay?: boolean;
  copy?: boolean;
}

/** A bridge that closes the port that it has opened. */
class WorkerBridge extends Bridge {
  protected override async run(): Promise<void> {
    try {
      await super.run();
    } finally {
      this.ports[1].close();
    }
  }
}

/** @internal */
export default async function make(a: Port, { to, open: how, hook, ...options }: BridgeWorkerOptions): Promise<Bridge> {
  const hooks = hook === undefined ? undefined : await loadHooks(hook);
  const b = open(to, how);
  try {
    return new WorkerBridge(a, b, { ...options, hook: hooks });
  } catch (error) {
    b.close();
    throw error;
  }
}
