import { accessSync, constants, readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { NETMAP_API } from './constants';
import { deviceFromEnvironment, tryDevice } from './devices';
import { NetmapError } from './errors';
import { hintFor } from './hints';
import { isFailure, native, type DeviceKind, type Failure } from './native';
import { systemError } from './system-error';

/** What {@link probe} found. */
export interface Probe {
  platform: string;
  /** Version of Node. */
  node: string;
  kernel: {
    /** Whether there is a /dev/netmap. */
    present: boolean;
    usable: boolean;
    /** API version that the module accepts. */
    version?: number;
    /** Version that the loaded module states, where it does. */
    moduleVersion?: string;
    error?: string;
    hint?: string;
  };
  engine: {
    /** Where its switches and pipes lie, or would. */
    folder: string;
    usable: boolean;
    error?: string;
    hint?: string;
    limits?: { switches: number; ports: number; bufSize: number; freeBytes?: number };
  };
  /** What an open would take. */
  device: DeviceKind | null;
  /** What is wrong, and what to do about it. */
  problems: { what: string; remedy: string }[];
}

const REBUILD = 'run "npm rebuild node-netmap"';

/** Looks at what there is to work with. Opens no port and changes nothing. */
export function probe(): Probe {
  const problems: Probe['problems'] = [];
  const result: Probe = {
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    kernel: { present: devicePresent(), usable: false },
    engine: { folder: '', usable: false },
    device: null,
    problems,
  };
  try {
    native();
  } catch (error) {
    problems.push({ what: (error as Error).message, remedy: (error as NetmapError).hint ?? REBUILD });
    return result;
  }
  probeKernel(result);
  probeEngine(result);
  let insisted: DeviceKind | undefined;
  try {
    insisted = deviceFromEnvironment();
  } catch (error) {
    problems.push({
      what: (error as Error).message,
      remedy: 'unset NODE_NETMAP_DEVICE, or set it to kernel or engine',
    });
    return result;
  }
  const usable = (['kernel', 'engine'] as const).filter((device) => result[device].usable);
  result.device = insisted ? (usable.includes(insisted) ? insisted : null) : (usable[0] ?? null);
  if (insisted && result.device === null) {
    problems.push({
      what: `NODE_NETMAP_DEVICE asks for the ${insisted}, which cannot be used`,
      remedy: result[insisted].hint ?? 'unset NODE_NETMAP_DEVICE',
    });
  }
  return result;
}

function devicePresent(): boolean {
  try {
    accessSync('/dev/netmap', constants.F_OK);
    return true;
  } catch {
    return false;
  }
}

function probeKernel({ kernel, problems }: Probe): void {
  kernel.moduleVersion = moduleVersion();
  const opened = tryDevice('kernel');
  if (!isFailure(opened)) {
    opened.close();
    kernel.usable = true;
    kernel.version = NETMAP_API;
    return;
  }
  const { error, hint } = explain(opened, 'kernel');
  kernel.error = error;
  kernel.hint = hint;
  // Absence is normal: the engine is there for that.
  if (kernel.present) problems.push({ what: error, remedy: hint ?? 'see the kernel log ("dmesg")' });
}

function probeEngine({ engine, problems }: Probe): void {
  const { path, failure } = native().engineFolder();
  engine.folder = path;
  const report = failure ?? native().engineReport();
  if (isFailure(report)) {
    const { error, hint } = explain(report, 'engine');
    engine.error = error;
    engine.hint = hint;
    problems.push({ what: error, remedy: hint ?? 'set NODE_NETMAP_DIR to a folder of your own, mode 0700' });
    return;
  }
  engine.usable = true;
  engine.limits = {
    switches: report.maxSwitches,
    ports: report.maxPorts,
    bufSize: report.bufSize,
    freeBytes: freeBytes(path),
  };
  const { freeBytes: free } = engine.limits;
  if (free !== undefined && free < 16 * 2 ** 20) {
    problems.push({
      what: `only ${Math.floor(free / 2 ** 20)} MiB are free at ${path}`,
      remedy:
        'give /dev/shm more room ("docker run --shm-size=1g"), or set NODE_NETMAP_DIR to a folder on another tmpfs',
    });
  }
}

function explain(failure: Failure, device: DeviceKind): { error: string; hint?: string } {
  const context = { port: device, device, call: failure.call, detail: failure.detail };
  return { error: systemError('opening', failure.errno, context).message, hint: hintFor(failure.errno, context) };
}

function moduleVersion(): string | undefined {
  try {
    return readFileSync('/sys/module/netmap/version', 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Of the file system that the folder is on, or would be. */
function freeBytes(path: string): number | undefined {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    } catch {
      if (folder === dirname(folder)) return undefined;
    }
  }
}
