const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ctrl-C and kill ask for the end; what was asked for before somebody listens is kept. Listens until the process is gone: a
 * second signal that comes while the summary is being written must not cut it off.
 */
export class StopSignals {
  private asked = false;
  private listener: (() => void) | undefined;
  private readonly onSignal = () => {
    this.asked = true;
    this.listener?.();
  };

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.onSignal);
    // While Node takes itself apart at the end, signals have their default effect again: so that is left out.
    process.once('beforeExit', () => process.exit());
  }

  /** Calls back when the end is asked for, at once if it was already. May come twice: npm passes Ctrl-C on. */
  listen(callback: () => void): void {
    this.listener = callback;
    if (this.asked) callback();
  }

  /** Asks for the end from within. */
  ask(): void {
    this.onSignal();
  }
}
