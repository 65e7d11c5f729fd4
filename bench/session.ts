import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from './child';
import { netmap } from './library';

export interface SessionOptions {
  /** Length of a measurement, after the warm-up. */
  seconds: number;
  device?: 'kernel' | 'engine';
  /** Whether npm peers that are not there may be installed. */
  installPeers: boolean;
}

/** What all measurements share: their length, and an engine folder that nobody else uses. */
export class Session {
  readonly seconds: number;
  /** Seconds at the start of each measurement that do not count: V8 compiles its loops meanwhile. */
  readonly warmUp: number;
  readonly installPeers: boolean;
  /** For files of a run. */
  readonly folder: string;
  /** The engine's. */
  readonly engineFolder: string;
  private readonly env: NodeJS.ProcessEnv;
  /** Whether the kernel module is measured; known once a port was open. */
  kernel = false;
  private serial = 0;

  constructor({ seconds, device, installPeers }: SessionOptions) {
    this.seconds = seconds;
    this.warmUp = Math.min(0.4, seconds);
    this.installPeers = installPeers;
    const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
    this.folder = mkdtempSync(join(base, 'node-netmap-bench-'));
    this.engineFolder = join(this.folder, 'engine');
    this.env = { ...process.env, NODE_NETMAP_DIR: this.engineFolder };
    if (device) this.env.NODE_NETMAP_DEVICE = device;
  }

  /** A name for a switch port or pipe that no earlier measurement used: `kind` is `vale` or `pipe`. */
  names(kind: 'vale' | 'pipe'): { a: string; b: string } {
    const n = this.serial++;
    if (kind === 'vale') return { a: `vale${n % 8}:a${n}`, b: `vale${n % 8}:b${n}` };
    return { a: `netmap:bench${n}{1`, b: `netmap:bench${n}}1` };
  }

  /** A file that nobody has made yet. */
  unusedFile(): string {
    return join(this.folder, `file${this.serial++}`);
  }

  /** Starts one of our programs with `args` as its only argument. */
  program(name: string, args: object): Child {
    const options = { seconds: this.seconds, warmUp: this.warmUp, ...args };
    return this.node([join(__dirname, 'programs', `${name}.js`), JSON.stringify(options)]);
  }

  /** Starts a Node script. */
  node(args: readonly string[]): Child {
    return new Child(process.execPath, args, { env: this.env, limit: this.limit });
  }

  /** Starts a peer's program. */
  command(command: string, args: readonly string[]): Child {
    return new Child(command, args, { env: this.env, limit: this.limit });
  }

  /** Waits until somebody has opened the port. */
  async portExists(name: string): Promise<void> {
    if (this.kernel) return void (await sleep(500)); // it does not tell
    const end = performance.now() + 5000;
    while (!netmap.ports().some((port) => port.name === name)) {
      if (performance.now() > end) throw new Error(`nobody has opened ${name}`);
      await sleep(20);
    }
  }

  /** Milliseconds that no measurement takes. */
  get limit(): number {
    return 15_000 + 4000 * (this.seconds + this.warmUp);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
