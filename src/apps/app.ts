import type { Port } from '../port';
import type { Details } from './details';
import { Meter, type Traffic } from './meter';

/**
 * A part that moves packets through ports until it is done or stopped. It leaves the ports open: those belong to whoever
 * opened them. Made to be used once.
 *
 * ```ts
 * await using sink = new Sink(port, { check: true });
 * setTimeout(() => sink.stop(), 1000);
 * await sink.start();
 * console.log(sink.stats());
 * ```
 *
 * Parts share the event loop: each works for a few milliseconds at most before it lets timers, signals and the other parts have
 * their turn. So several of them may run in one thread, and make a chain (a generator, a bridge, a sink).
 */
export abstract class App<Stats extends Traffic = Traffic> {
  /** The ports that it works on; empty for one whose ports are in other threads. */
  readonly ports: readonly Port[];
  /** What it has moved so far. */
  protected readonly meter = new Meter();
  private readonly stopper = new AbortController();
  private running: Promise<void> | undefined;

  constructor(...ports: Port[]) {
    this.ports = ports;
  }

  /**
   * Starts, and resolves when everything is done or {@link App.stop} was called. Called again, returns the same promise.
   *
   * @throws NetmapError what the device or the file system says
   */
  start(): Promise<void> {
    return (this.running ??= this.run());
  }

  /** Asks it to end soon: at most a few milliseconds later, whatever it waits for. */
  stop(): void {
    this.stopper.abort();
  }

  /** What it has done so far: a plain object of counters. May be asked for at any time, and costs next to nothing. */
  abstract stats(): Stats;

  /** Distributions and shares of what it has done so far, for reports: plain data. Dearer than {@link App.stats}. */
  details(): Details {
    return {};
  }

  /** Stops, and waits for the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.running?.catch(() => {}); // whoever called start() hears of it
  }

  /** Aborted by {@link App.stop}. */
  protected get signal(): AbortSignal {
    return this.stopper.signal;
  }

  protected get stopped(): boolean {
    return this.stopper.signal.aborted;
  }

  /** Does the work. */
  protected abstract run(): Promise<void>;
}
