import { checkInteger, checkObject, outOfRange, wrongType, wrongValue } from './check';
import type { Csb } from './csb';

/** Eventfds of your own for one ring. */
export interface KloopEventFds {
  /** Written to by whoever changed `head` or `cur` and found `kern_need_kick` set. Default: the port's own. */
  kick?: number;
  /** Written to by the loop when `hwcur` or `hwtail` changed and `appl_need_kick` was set. Default: the port's own. */
  irq?: number;
}

/** How a sync loop works. */
export interface KloopOptions {
  /**
   * Look at the rings every so many microseconds, 0 to 1000000, instead of sleeping until there is something to do. Costs
   * processor time, and saves the kicks.
   */
  sleepUs?: number;
  /**
   * Rings of that direction are synced when they are kicked and only then; on the kernel by the thread that kicks, on the
   * engine by the loop's. Not with `sleepUs`.
   */
  direct?: { tx?: boolean; rx?: boolean };
  /**
   * Eventfds of your own, file descriptors by number: one entry for each entry of {@link Csb.rings}, or none at all. -1
   * means that nobody is told. {@link CsbPort.poll}, `readable` and `batches` wake up for rings with the port's own only.
   */
  eventfds?: readonly KloopEventFds[];
}

const MAX_SLEEP = 1_000_000;
const DIRECT_TX = 1;
const DIRECT_RX = 2;
/** Where there are no eventfds a loop has to look by itself. */
const DEFAULT_SLEEP = 100;

/** What the native side needs to start a loop. */
export interface KloopPlan {
  sleepUs: number;
  mode: number;
  eventfds: Int32Array;
}

function checkCount(eventfds: unknown, count: number): void {
  if (Array.isArray(eventfds) && eventfds.length === count) return;
  throw outOfRange('options.eventfds', `an array of ${count} entries, one for each entry of csb.rings`, eventfds);
}

/** @internal Checks the options. */
export function planKloop(options: KloopOptions, csb: Csb): KloopPlan {
  checkObject('options', options, ['sleepUs', 'direct', 'eventfds']);
  const { direct = {} } = options;
  const { eventfds } = options;
  let { sleepUs } = options;
  checkObject('options.direct', direct, ['tx', 'rx']);
  for (const key of ['tx', 'rx'] as const) {
    const value: unknown = direct[key] ?? false;
    if (typeof value !== 'boolean') throw wrongType(`options.direct.${key}`, 'a boolean', value);
  }
  const mode = (direct.tx ? DIRECT_TX : 0) | (direct.rx ? DIRECT_RX : 0);
  if (sleepUs !== undefined) {
    checkInteger('options.sleepUs', sleepUs, 0, MAX_SLEEP);
    if (mode !== 0)
      throw wrongValue('options.direct', 'needs kicks, which a loop with sleepUs does not look for', direct);
  } else if (csb.kickFd < 0) {
    sleepUs = DEFAULT_SLEEP;
  }
  const count = csb.rings.length;
  if (eventfds !== undefined) checkCount(eventfds, count);
  const kick = sleepUs === undefined ? csb.kickFd : -1;
  const pairs = new Int32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const own: KloopEventFds = eventfds?.[i] ?? {};
    checkObject(`options.eventfds[${i}]`, own, ['kick', 'irq']);
    pairs[2 * i] = checkInteger(`options.eventfds[${i}].kick`, own.kick ?? kick, -1, 0x7fffffff);
    pairs[2 * i + 1] = checkInteger(`options.eventfds[${i}].irq`, own.irq ?? csb.irqFd, -1, 0x7fffffff);
  }
  return { sleepUs: sleepUs ?? 0, mode, eventfds: pairs };
}

/**
 * A sync loop (`SYNC_KLOOP_START`) in a thread of its own, begun by {@link CsbPort.startKloop}. It keeps the process alive
 * (unless the port has been told otherwise, see {@link Port.unref}) and ends with its port.
 */
export class Kloop {
  /**
   * Settled when the loop has ended: resolved after {@link Kloop.stop} and when the port is closed, rejected with a
   * NetmapError when the device did not accept it.
   */
  readonly done: Promise<void>;

  private readonly requestStop: () => void;
  private settle!: (error?: Error) => void;
  private isRunning = true;

  /** @internal */
  constructor(requestStop: () => void) {
    this.requestStop = requestStop;
    this.done = new Promise((resolve, reject) => {
      this.settle = (error) => (error ? reject(error) : resolve());
    });
  }

  /** Whether the loop has not ended yet. */
  get running(): boolean {
    return this.isRunning;
  }

  /** Ends the loop (`SYNC_KLOOP_STOP`). Resolved when it has; the port stays open, and can start another. */
  async stop(): Promise<void> {
    if (this.isRunning) this.requestStop();
    await this.done;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** @internal The device has let go of it. */
  ended(error?: Error): void {
    if (!this.isRunning) return;
    this.isRunning = false;
    this.settle(error);
  }
}
