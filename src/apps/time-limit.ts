/** Node's timers go up to 2^31 - 1 ms. */
const MAX_TIMER = 0x7fffffff;

/** A signal that aborts when another one does, or when some time is over. */
export class TimeLimit {
  readonly signal: AbortSignal;
  private readonly controller = new AbortController();
  private readonly parent: AbortSignal;
  private timer: NodeJS.Timeout | undefined;
  private readonly end = () => this.controller.abort();

  /** @param seconds Infinity for no limit */
  constructor(seconds: number, parent: AbortSignal) {
    this.signal = this.controller.signal;
    this.parent = parent;
    if (parent.aborted) this.end();
    else parent.addEventListener('abort', this.end);
    if (seconds !== Infinity) this.arm(performance.now() + 1000 * seconds);
  }

  /** Lets go of the timer. */
  clear(): void {
    clearTimeout(this.timer);
    this.parent.removeEventListener('abort', this.end);
  }

  private arm(at: number): void {
    const left = at - performance.now();
    if (left <= 0) this.end();
    else this.timer = setTimeout(() => this.arm(at), Math.min(Math.ceil(left), MAX_TIMER));
  }
}
