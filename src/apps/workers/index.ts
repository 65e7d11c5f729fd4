import { checkInteger, checkObject, outOfRange, wrongType, wrongValue } from '../../check';
import type { PortMode } from '../../name';
import { Port } from '../../port';
import type { Ring } from '../../ring';
import type { PortOptions } from '../../spec';
import { App } from '../app';
import type { Details } from '../details';
import { Drops } from '../drops';
import type { Traffic } from '../meter';
import { Member } from './member';
import { mergeDetails, mergeStats } from './merge';

/** Apps that a worker can run by name, and the rings that they need. */
const DIRECTIONS = { Generator: 'tx', Sink: 'rx' } as const;

const MOST_THREADS = 1024;

/** What {@link Workers} takes besides the port. */
export interface WorkersOptions<Options> {
  /**
   * Options of each app, as plain data (they go to another thread); a function makes them for worker `index` of `threads`,
   * for example to divide a count or a rate.
   */
  options?: Options | ((index: number, threads: number) => Options);
  /** Workers, by default one for each ring. Receivers need one for each: nobody else would empty the others. */
  threads?: number;
  /** Which rings are shared out: `tx` for what sends, `rx` (the default for apps of your own) for what receives. */
  direction?: 'tx' | 'rx';
  /** How often workers tell their stats, in ms; 250 by default. */
  every?: number;
}

/**
 * A worker thread for each ring of a port, each with an app of its own: the way to use several cores with one call.
 *
 * ```ts
 * const port = open('vale0:many@conf:rings=4');
 * const sinks = new Workers<SinkStats>(port, 'Sink');
 * await sinks.start();
 * console.log(sinks.stats());                          // of all four
 * ```
 *
 * Apps of your own come from a module whose default export makes one for each worker:
 *
 * ```ts
 * // counter.mjs: export default (port, options, { index, threads }) => new Counter(port, options);
 * const counters = new Workers(port, new URL('counter.mjs', import.meta.url));
 * ```
 *
 * The port stays open in the main thread, which moves nothing by it: its workers open the same port by name, one ring each.
 * {@link App.stats} is the sum of what they have told last (see {@link WorkersOptions.every}); {@link Workers.each} tells them
 * apart. When one fails, all end, and {@link App.start} rejects.
 */
export class Workers<Stats extends Traffic = Traffic, Options = object> extends App<Stats> {
  /** Number of worker threads. */
  readonly threads: number;
  private readonly port: Port;
  private readonly app: string;
  private readonly module: string | undefined;
  private readonly rings: readonly Ring[];
  private readonly options: WorkersOptions<Options>;
  private readonly drops: Drops;
  private members: Member<Stats>[] = [];

  /**
   * @param port an open port; nothing of it may be opened exclusively
   * @param app name of an app of this package, or the file (URL or absolute path) of a module that makes one
   * @throws RangeError when the port has too few rings for the threads, or rings that nobody would empty
   */
  constructor(port: Port, app: 'Generator' | 'Sink' | URL | (string & {}), options: WorkersOptions<Options> = {}) {
    if (!(port instanceof Port)) throw wrongType('port', 'a Port', port);
    super(port);
    checkObject('options', options, ['options', 'threads', 'direction', 'every']);
    this.port = port;
    this.drops = new Drops(port);
    this.options = options;
    this.module = app instanceof URL ? app.href : /^([/\\]|[a-z]+:)/i.test(app) ? app : undefined;
    this.app = String(app);
    if (this.module === undefined && !Object.hasOwn(DIRECTIONS, this.app)) {
      const known = Object.keys(DIRECTIONS).join(', ');
      throw wrongValue('app', `must be one of ${known}, or the URL or absolute path of a module`, app);
    }
    const { direction = DIRECTIONS[this.app as keyof typeof DIRECTIONS] ?? 'rx' } = options;
    if (direction !== 'tx' && direction !== 'rx')
      throw wrongValue('options.direction', "must be 'tx' or 'rx'", direction);
    this.rings = direction === 'tx' ? port.txRings : port.rxRings;
    this.threads = this.checkThreads(direction, options.threads);
    if (options.every !== undefined) checkInteger('options.every', options.every, 1, 0x7fffffff);
  }

  stats(): Stats {
    const stats = mergeStats(this.each());
    // What a port has dropped is counted for all of its rings together: each worker tells the same.
    if ('dropped' in stats && stats.dropped !== null) return { ...stats, dropped: this.drops.count() };
    return stats;
  }

  override details(): Details {
    return mergeDetails(this.members.map(({ details }) => details));
  }

  /**
   * What each worker has told last, in the order of the rings; a worker that has told nothing yet is left out. `dropped` is that
   * of the whole port with each of them.
   */
  each(): Stats[] {
    return this.members.flatMap(({ stats }) => (stats === undefined ? [] : [stats]));
  }

  protected async run(): Promise<void> {
    const members = Array.from({ length: this.threads }, (_, index) => this.engage(index));
    this.members = members;
    const stop = () => members.forEach((member) => member.tell('stop'));
    try {
      await Promise.all(members.map(({ ready }) => ready));
      this.signal.addEventListener('abort', stop);
      members.forEach((member) => member.tell(this.stopped ? 'stop' : 'start'));
      await Promise.all(members.map(({ done }) => done));
    } finally {
      this.signal.removeEventListener('abort', stop);
      stop();
      await Promise.all(members.map((member) => member.end()));
    }
  }

  private engage(index: number): Member<Stats> {
    const { app, module, threads, port } = this;
    const { options = {}, every = 250 } = this.options;
    return new Member({
      port: port.name,
      open: this.openOptions(index),
      app,
      module,
      options: typeof options === 'function' ? (options as (i: number, n: number) => Options)(index, threads) : options,
      index,
      threads,
      every,
    });
  }

  /** Each null port is one of its own; of all others a worker opens its ring of the one that is open already. */
  private openOptions(index: number): PortOptions {
    const { device, name } = this.port;
    if (name.startsWith('null:')) return { device };
    const { kind, id } = this.rings[index];
    const mode: PortMode = kind.startsWith('host') ? 'host-ring' : 'ring';
    return { device, mode, ring: id };
  }

  private checkThreads(direction: 'tx' | 'rx', wanted: number | undefined): number {
    const { port, rings } = this;
    if (wanted !== undefined) checkInteger('options.threads', wanted, 1, MOST_THREADS);
    const threads = wanted ?? rings.length;
    if (threads > 0 && (threads === rings.length || port.name.startsWith('null:'))) return threads;
    if (direction === 'rx' && threads < rings.length) {
      const expected = `${rings.length}, one for each rx ring of '${port.name}': nobody else would empty the others`;
      throw outOfRange('options.threads', expected, threads);
    }
    if (threads > 0 && threads < rings.length) return threads;
    const more = `open the port with "@conf:rings=${Math.max(threads, 1)}" for more`;
    throw outOfRange(
      'options.threads',
      `1 to ${rings.length}, the ${direction} rings of '${port.name}' (${more})`,
      threads,
    );
  }
}
