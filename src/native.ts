import bindings from 'bindings';
import { join } from 'node:path';
import { NetmapError } from './errors';
import type { NativeEmulatorClass } from './native-emulator';
import type { NativeTraffic } from './native-traffic';
import type { PortReport } from './port-report';
import type { RuleLogEntry } from './ruleset/log-entry';
import type { RuleReport } from './ruleset/rule-report';

/** Why a native call failed: errno, the call, and what it was about (may be empty). */
export interface Failure {
  errno: number;
  call: string;
  detail: string;
}

export type DeviceKind = 'kernel' | 'engine';

/** One descriptor of a device. Internal: {@link Port} is what users see. */
export interface NativePort {
  /** Called once for a `watch()`, with the events that showed. */
  onevents?: (revents: number) => void;
  /** Called when the loop that `startLoop()` began has ended. */
  onloopend?: (failure: Failure | null) => void;
  open(kind: DeviceKind): Failure | null;
  /**
   * Memory for the extmem option of the next registration: a file (made or made larger where `bytes` is not 0), or `bytes`
   * of memory of its own where it is null.
   */
  lend(file: string | null, bytes: number, hugePages: boolean): Failure | null;
  /**
   * One control request; body and options (each beginning with an `nmreq_option`) are changed in place. The name that came
   * back goes into `nameOut`, of 64 bytes.
   */
  control(
    type: number,
    name: string,
    body: Uint8Array | null,
    options: Uint8Array[],
    version?: number,
    nameOut?: Uint8Array,
  ): Failure | null;
  /** The region of the registered port. */
  map(size: number): ArrayBuffer | Failure;
  /** 0 or an errno; EBADF when closed. */
  txSync(): number;
  /** 0 or an errno; EBADF when closed. */
  rxSync(): number;
  /** Blocks. Events that are ready, or a negative errno. */
  poll(events: number, timeoutMs: number): number;
  /** Events that are ready already, 0 when watching from now on, or a negative errno. */
  watch(events: number): number;
  unwatch(): void;
  ref(): void;
  unref(): void;
  close(): void;
  /** Address of the array's first byte, undefined when it is no non-empty Uint8Array. */
  allowIndirect(data: Uint8Array): bigint | undefined;
  /**
   * Slots used in `to` * 2^20 + slots taken from here, or a negative errno. `verdicts` has a byte for each slot, that of a
   * frame's first one counts, 0 = not this one; `counts` is added to: frames moved, their bytes, frames refused.
   */
  forward(
    to: NativePort,
    fromRing: number,
    fromHead: number,
    count: number,
    toRing: number,
    toHead: number,
    room: number,
    swap: boolean,
    verdicts?: Uint8Array,
    counts?: Float64Array,
  ): number;
  /**
   * Turns frames into records of a capture file, stamped with the present time, in `out` from `at` on; `size` bytes of it may be
   * used. Slots taken, or a negative errno.
   *
   * @param format 0, 1 = pcap with microseconds, nanoseconds; 2 = pcapng
   * @param result is set: frames, their bytes, frames cut, frames refused, bytes written, 1 when the next one does not fit
   */
  pack(
    ring: number,
    head: number,
    count: number,
    most: number,
    out: Uint8Array,
    at: number,
    size: number,
    format: number,
    snaplen: number,
    verdicts: Uint8Array | undefined,
    result: Float64Array,
  ): number;
  /** Fills 8 numbers; false when the device keeps none. */
  counters(out: Float64Array): boolean;
  fd(): number;
  /**
   * Puts the port into CSB mode: from here on syncs and waits go through the arrays that come back, atok before ktoa.
   * `rings` are the byte offsets of the bound rings, tx rings first; `pushes`: waiting for packets sends what is pending.
   */
  enableCsb(rings: Float64Array, txRings: number, pushes: boolean): ArrayBuffer | Failure;
  /** Takes the rings' state over from the device again. */
  resetCsb(): Failure | null;
  /** The eventfds by which the loop is kicked, and by which it tells; -1 = none. */
  csbFds(): [number, number];
  /** Kicks once more the rings that have been kicked in vain: the loop may not have listened yet. */
  kickLoop(): void;
  /** Runs the sync loop in a thread of its own. `eventfds`: two per ring, to kick and to be told by; -1 = none. */
  startLoop(sleepUs: number, mode: number, eventfds: Int32Array): Failure | null;
  /** Asks the loop to end, which shows in `onloopend`. */
  stopLoop(): Failure | null;
}

export interface NativeEngineReport {
  folder: string;
  present: boolean;
  layoutVersion: number;
  maxSwitches: number;
  maxPorts: number;
  bufSize: number;
  ports: PortReport[];
  /** Ports whose process ended without closing them; `at` in seconds since 1970. */
  reclaimed: { name: string; pid: number; at: number }[];
}

/** Why a command of the classifier was refused; `position` is a byte offset in its text. */
export interface RuleProblem {
  message: string;
  position: number;
}

export interface NativeRulesetStats {
  states: number;
  statesRefused: number;
  rules: number;
  linear: number;
  version: number;
  bytes: number;
  logLost: number;
  loops: number;
}

/** The classifier's rules and a matcher for this thread. Internal: {@link Ruleset} is what users see. */
export interface NativeRuleset {
  /** What the commands print. */
  apply(commands: string): string | RuleProblem;
  check(commands: string): RuleProblem | null;
  condition(text: string): RuleProblem | null;
  port(name: string): number;
  /** Slots + 2^20 * frames + 2^40 if any was logged; or a negative errno. `time` in ns; -1 is now. */
  classifyRing(
    port: NativePort,
    ring: number,
    head: number,
    count: number,
    direction: number,
    recv: number,
    xmit: number,
    time: number,
    records: Uint8Array,
    pass: Uint8Array,
  ): number;
  /** Writes only into `pass`, from `at` on. Slots + 2^40 if any was logged; or a negative errno. */
  filterRing(
    port: NativePort,
    ring: number,
    head: number,
    count: number,
    direction: number,
    recv: number,
    xmit: number,
    pass: Uint8Array,
    at: number,
  ): number;
  /** 1 if any was logged, else 0; or a negative errno. */
  classifyBytes(
    data: Uint8Array,
    places: Uint32Array,
    count: number,
    direction: number,
    recv: number,
    xmit: number,
    time: number,
    records: Uint8Array,
    pass: Uint8Array,
    notes: { tags: number[]; mark: number }[] | undefined,
  ): number;
  drainLog(): RuleLogEntry[];
  report(): RuleReport[];
  stats(): NativeRulesetStats;
}

export interface Native extends NativeTraffic {
  NativePort: new () => NativePort;
  NativeRuleset: new (
    allowByDefault: boolean,
    seed: number,
    maxStates: number,
    logEntries: number,
    logSnaplen: number,
  ) => NativeRuleset;
  NativeEmulator: NativeEmulatorClass;
  engineReport(): NativeEngineReport | Failure;
  engineFolder(): { path: string; failure: Failure | null };
  /** Folded sum, not complemented; undefined when offset and length are not within `data`. */
  checksum(data: Uint8Array, offset: number, length: number, initial: number): number | undefined;
  /** Lets the calling thread run on one processor only. 0 or an errno. */
  pinThread(cpu: number): number;
}

export function isFailure(value: object | null): value is Failure {
  return value !== null && 'errno' in value && 'call' in value;
}

let loaded: Native | undefined;

/** The addon, loaded when it is first needed, so that importing the package works everywhere. */
export function native(): Native {
  return (loaded ??= load());
}

function load(): Native {
  const root = join(__dirname, '..');
  try {
    return bindings({ bindings: 'node_netmap', module_root: root }) as Native;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    const hint =
      `build it with "npm rebuild node-netmap" (or "npm run build" in a checkout of the repository); this needs a ` +
      `C++17 compiler, make and Python. npm 12 and pnpm build no dependency unless you allow it ` +
      `("npm approve-scripts node-netmap")`;
    const error = new NetmapError(
      `the native part of node-netmap could not be loaded on ${process.platform}-${process.arch}, ` +
        `Node ${process.version}: ${reason}; ${hint}`,
      { code: 'ERR_NETMAP_ADDON', hint },
    );
    throw Object.assign(error, { cause });
  }
}
