import type { Port } from '../port';
import { Meter, type Traffic } from './meter';

/**
 * A part that moves packets through a port until it is done or stopped. It leaves the port open: that belongs to whoever
 * opened it. Made to be used once.
 *
 * ```ts
 * await using sink = new Sink(port, { check: true });
 * setTimeout(() => sink.stop(), 1000);
 * await sink.start();
 * console.log(sink.stats());
 * ```
 */
export abstract class App<Stats extends Traffic = Traffic> {
  /** The port that it works on. */
  readonly port: Port;
  /** What it has moved so far. */
  protected readonly meter = new Meter();
  private readonly stopper = new AbortController();
  private running: Promise<void> | undefined;

  constructor(port: Port) {
    this.port = port;
  }

  /**
   * Starts, and resolves when everything is done or {@link App.stop} was called.
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

  /** What it has done so far. May be asked for at any time. */
  abstract stats(): Stats;

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
