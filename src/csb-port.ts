import { wrongType } from './check';
import { Csb } from './csb';
import { busyError, closedError } from './errors';
import { Kloop, planKloop, type KloopOptions } from './kloop';
import { findRings } from './memory';
import { isFailure, type Failure } from './native';
import { KEY, nativeOf, Port, type OpenedPort } from './port';
import { systemError } from './system-error';

/** When a thread that has just been started may be at work, in ms. */
const BEGINNING = [1, 10, 100, 1000];

/**
 * A port in CSB mode (communication status block): {@link open} with the option `csb`. It is used as any other port is,
 * but `txSync` and `rxSync` are a few memory accesses instead of system calls. They leave `head` and `cur` where a sync
 * loop in another thread finds them, and fetch what that loop has left there; it sends, receives and wakes who waits.
 *
 * ```ts
 * const port = open('vale0:a', { csb: true });
 * await using loop = port.startKloop();   // without a loop nothing moves
 * port.inject(frame);
 * port.txSync();                          // the loop sends it: soon, but not before this returns
 * for await (const batch of port.batches()) ...
 * ```
 *
 * It takes the port for itself, and a second thread to run the loop. What it is good for: programs that sync after every
 * few packets, and device models that want exactly the protocol between netmap's guests and hosts.
 */
export class CsbPort extends Port {
  /** The arrays that application and device share. */
  readonly csb: Csb;

  private kloop: Kloop | undefined;

  /** @internal Use {@link open}. */
  constructor(key: symbol, opened: OpenedPort, arrays: ArrayBuffer) {
    super(key, opened);
    if (!(arrays instanceof ArrayBuffer)) throw wrongType('CsbPort', 'made by open(), not by new', arrays);
    const { native, name, device } = opened;
    this.csb = new Csb(arrays, [...this.txRings, ...this.rxRings], native, { port: name, device });
    native.onloopend = (failure) => this.loopEnded(failure);
  }

  /** @internal */
  static override make(opened: OpenedPort, pushes = true): CsbPort {
    const { native, region, ifOffset, name, device } = opened;
    const rings = findRings(region, ifOffset);
    const isTx = (kind: string) => kind === 'tx' || kind === 'host-tx';
    const ordered = [...rings.filter(({ kind }) => isTx(kind)), ...rings.filter(({ kind }) => !isTx(kind))];
    const offsets = Float64Array.from(ordered, ({ offset }) => offset);
    // Before anybody remembers where head is.
    const arrays = native.enableCsb(offsets, rings.filter(({ kind }) => isTx(kind)).length, pushes);
    if (isFailure(arrays)) {
      const { detail } = arrays;
      throw systemError('opening', arrays.errno, { port: name, device, call: 'CSB_ENABLE', detail });
    }
    return new CsbPort(KEY, opened, arrays);
  }

  /**
   * Starts the loop that does the syncs, in a thread of its own. One at a time.
   *
   * By default the loop sleeps when there is nothing to do: syncs kick it by an eventfd where it asks for that, and the
   * loop tells the port of news by another.
   *
   * @throws NetmapError `EBUSY` when one is running; TypeError, RangeError for wrong options. What the device says against
   *   it comes by {@link Kloop.done}.
   */
  startKloop(options: KloopOptions = {}): Kloop {
    const native = nativeOf.get(this)!;
    if (this.closed) throw closedError(this.name);
    const { sleepUs, mode, eventfds } = planKloop(options, this.csb);
    if (this.kloop) throw busyError(`a sync loop is running on port '${this.name}' already: stop it first`, this.name);
    const failure = native.startLoop(sleepUs, mode, eventfds);
    if (failure) throw this.loopError('starting a sync loop on', failure);
    const loop = new Kloop(() => {
      const refused = native.stopLoop();
      if (refused) throw this.loopError('stopping the sync loop of', refused);
    });
    this.kloop = loop;
    if (mode !== 0) {
      // A kick that came before the loop listened is lost on the kernel, and direct rings move when they are kicked only.
      for (const ms of BEGINNING) setTimeout(() => loop.running && native.kickLoop(), ms).unref();
    }
    return loop;
  }

  override close(): void {
    super.close();
    this.kloop?.ended();
    this.kloop = undefined;
  }

  private loopEnded(failure: Failure | null): void {
    const loop = this.kloop;
    this.kloop = undefined;
    loop?.ended(failure ? this.loopError('running a sync loop on', failure) : undefined);
  }

  private loopError(doing: string, { errno, detail }: Failure): Error {
    return systemError(doing, errno, { port: this.name, device: this.device, call: 'SYNC_KLOOP_START', detail });
  }
}
