import { POLL } from './constants';
import { busyError, closedError, type NetmapError } from './errors';
import { errno } from './errno';
import type { NativePort } from './native';

export interface WaitOptions {
  /** Rejects the wait with the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds until the wait gives up; default: never. 0 only looks. */
  timeout?: number;
}

/** What waiting needs to know of a port. */
export interface WaitHost {
  readonly name: string;
  readonly native: NativePort;
  isClosed(): boolean;
  /** Whether some bound ring of this direction is ready. */
  isReady(direction: number): boolean;
  /** Runs a sync of this direction: the error, if any. */
  trySync(direction: number): NetmapError | undefined;
  /** The error for an errno of waiting. */
  waitError(number: number): NetmapError;
}

/** Removal of an interface, and on the kernel the end of a monitored port, wake nobody: while someone waits, a sync now and then tells. */
const LIVENESS_MS = 1000;
/** POLLERR that no sync explains: a ring that was just put right shows it once, a port that is gone again and again. */
const MAX_UNEXPLAINED = 5;

interface Wait {
  settle(outcome: boolean): void;
  fail(reason: unknown): void;
  timer?: NodeJS.Timeout;
}

/** The waiters of a port, at most one per direction, on the event loop of this thread. */
export class Waits {
  private readonly host: WaitHost;
  private reader: Wait | undefined;
  private writer: Wait | undefined;
  private liveness: NodeJS.Timeout | undefined;
  private idleTicks = 0;
  private again: NodeJS.Immediate | undefined;
  private unexplained = 0;
  private referenced = true;

  constructor(host: WaitHost) {
    this.host = host;
    host.native.onevents = (revents) => this.woken(revents);
  }

  /** Waits until `direction` (POLL.IN or POLL.OUT) is ready: true, or false when the time is over. */
  wait(direction: number, { signal, timeout }: WaitOptions): Promise<boolean> {
    const { host } = this;
    if (host.isClosed()) return Promise.reject(closedError(host.name));
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.get(direction)) {
      const what = direction === POLL.IN ? 'readable' : 'writable';
      return Promise.reject(busyError(`somebody waits for port '${host.name}' to become ${what} already`, host.name));
    }
    // Waiting does not send what lies in the tx rings: epoll never asks the device to.
    const error = host.trySync(POLL.OUT) ?? (direction === POLL.IN ? host.trySync(POLL.IN) : undefined);
    if (error) return Promise.reject(error);
    if (host.isReady(direction)) return Promise.resolve(true);
    if (timeout === 0) return Promise.resolve(false);
    return new Promise((resolve, reject) => {
      this.add(direction, resolve, reject, signal, timeout);
      this.arm();
    });
  }

  /** Fails all waits; for close. */
  failAll(error: unknown): void {
    this.reader?.fail(error);
    this.writer?.fail(error);
    clearInterval(this.liveness);
    clearImmediate(this.again);
    this.liveness = this.again = undefined;
  }

  ref(): void {
    this.referenced = true;
    this.host.native.ref();
    this.reader?.timer?.ref();
    this.writer?.timer?.ref();
  }

  unref(): void {
    this.referenced = false;
    this.host.native.unref();
    this.reader?.timer?.unref();
    this.writer?.timer?.unref();
  }

  private get(direction: number): Wait | undefined {
    return direction === POLL.IN ? this.reader : this.writer;
  }

  private set(direction: number, wait: Wait | undefined): void {
    if (direction === POLL.IN) this.reader = wait;
    else this.writer = wait;
  }

  private add(
    direction: number,
    resolve: (ready: boolean) => void,
    reject: (reason: unknown) => void,
    signal: AbortSignal | undefined,
    timeout: number | undefined,
  ): void {
    const onAbort = () => wait.fail(signal?.reason);
    const leave = () => {
      this.set(direction, undefined);
      if (wait.timer) clearTimeout(wait.timer);
      signal?.removeEventListener('abort', onAbort);
      if (!this.reader && !this.writer && !this.host.isClosed()) this.host.native.unwatch();
    };
    const wait: Wait = {
      settle: (outcome) => {
        leave();
        resolve(outcome);
      },
      fail: (reason) => {
        leave();
        reject(reason);
      },
    };
    if (timeout !== undefined && timeout !== Infinity) {
      // The limit of Node's timers is a wait of 24 days.
      wait.timer = setTimeout(() => wait.settle(this.host.isReady(direction)), Math.min(timeout, 0x7fffffff));
      if (!this.referenced) wait.timer.unref();
    }
    signal?.addEventListener('abort', onAbort);
    this.set(direction, wait);
    this.idleTicks = 0;
    this.liveness ??= setInterval(() => this.tick(), LIVENESS_MS).unref();
  }

  /** Lets the device wake us for those who wait: write interest only while there is a writer, it is ready mostly. */
  private arm(): void {
    const events = (this.reader ? POLL.IN : 0) | (this.writer ? POLL.OUT : 0);
    if (events === 0) return;
    const ready = this.host.native.watch(events);
    if (ready === 0) return;
    if (ready < 0 && ready !== -errno.EINTR) return this.failAll(this.host.waitError(-ready));
    // Ready already. Not at once: a device that says so again and again must not keep the event loop from turning.
    this.again ??= setImmediate(() => {
      this.again = undefined;
      this.woken(ready);
    });
  }

  /** Something has happened: whoever has what they wait for goes, the others wait on. */
  private woken(revents: number): void {
    if (this.host.isClosed()) return;
    if (!this.look(POLL.IN) || !this.look(POLL.OUT)) return;
    if ((revents & POLL.ERR) === 0) {
      this.unexplained = 0;
    } else if (++this.unexplained >= MAX_UNEXPLAINED) {
      this.unexplained = 0;
      return this.failAll(this.host.waitError(errno.EIO));
    }
    this.arm();
  }

  /** Syncs one direction and settles its waiter if it is ready. False when the sync failed, and with it all waits. */
  private look(direction: number): boolean {
    const wait = this.get(direction);
    if (!wait) return true;
    const error = this.host.trySync(direction);
    if (error) {
      this.failAll(error);
      return false;
    }
    if (this.host.isReady(direction)) wait.settle(true);
    return true;
  }

  private tick(): void {
    if (this.reader || this.writer) {
      this.idleTicks = 0;
      if (this.look(POLL.IN)) this.look(POLL.OUT);
    } else if (++this.idleTicks > 1) {
      clearInterval(this.liveness);
      this.liveness = undefined;
    }
  }
}
