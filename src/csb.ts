import { errno } from './errno';
import type { DeviceKind, NativePort } from './native';
import type { Ring } from './ring';
import { systemError } from './system-error';

/** Words in one entry of either array. */
const ENTRY_WORDS = 16;

/**
 * The two arrays of a port in CSB mode, one entry of 16 words (64 bytes) for each ring. A {@link CsbPort} reads and writes
 * them itself; they are here for those who want to watch, or to keep a protocol of their own. 32-bit words in the host's
 * byte order; whatever they say, nothing worse happens than lost packets.
 */
export class Csb {
  /** The ring of each entry: tx rings, then rx rings. */
  readonly rings: readonly Ring[];
  /** From the application to the device: `head`, `cur`, `appl_need_kick`, `sync_flags`, 12 words unused. */
  readonly atok: Uint32Array;
  /** From the device to the application: `hwcur`, `hwtail`, `kern_need_kick`, 13 words unused. */
  readonly ktoa: Uint32Array;
  /** File descriptor of the eventfd by which the port kicks its loop; -1 where there are no eventfds. Do not close it. */
  readonly kickFd: number;
  /** File descriptor of the eventfd by which the loop tells of news; the port itself waits for it. */
  readonly irqFd: number;

  private readonly native: NativePort;
  private readonly context: { port: string; device: DeviceKind };

  /** @internal */
  constructor(arrays: ArrayBuffer, rings: readonly Ring[], native: NativePort, context: Csb['context']) {
    const words = rings.length * ENTRY_WORDS;
    this.rings = Object.freeze(rings);
    this.atok = new Uint32Array(arrays, 0, words);
    this.ktoa = new Uint32Array(arrays, 4 * words, words);
    this.native = native;
    this.context = context;
    [this.kickFd, this.irqFd] = native.csbFds();
  }

  /**
   * Takes the rings' state over from the device again (`CSB_ENABLE`), for example after somebody wrote nonsense into `atok`.
   * What has been put into tx rings since the last sync is forgotten.
   *
   * @throws NetmapError `EBUSY` while a loop is running
   */
  reset(): void {
    const failure = this.native.resetCsb();
    if (failure) {
      throw systemError('resetting', failure.errno, {
        ...this.context,
        call: 'CSB_ENABLE',
        detail: failure.detail,
        hint: failure.errno === errno.EBUSY ? 'stop the loop first' : undefined,
      });
    }
    for (const ring of this.rings) ring.reload();
  }
}
