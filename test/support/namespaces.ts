import { execFile, spawnSync } from 'node:child_process';
import type { Test } from 'tap';

export interface Answer {
  /** Exit status; null after a signal. */
  status: number | null;
  stdout: string;
  stderr: string;
}

/** A network namespace that nothing else uses, which is gone with its interfaces when the test ends. */
export class Namespace {
  readonly name: string;
  /** What runs a command in it. */
  readonly under: readonly string[];

  private constructor(name: string) {
    this.name = name;
    this.under = ['ip', 'netns', 'exec', name];
  }

  /** Undefined where none can be made: that takes root and iproute2. */
  static make(t: Test, label = ''): Namespace | undefined {
    const name = `nm${process.pid}${label}`;
    if (!ip('netns', 'add', name)) return undefined;
    t.teardown(() => ip('netns', 'delete', name));
    const space = new Namespace(name);
    // The host would speak of its own accord: neighbours, groups.
    space.runSync('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6');
    return space.ip('link', 'set', 'lo', 'up') ? space : undefined;
  }

  ip(...args: string[]): boolean {
    return ip('-n', this.name, ...args);
  }

  /** A cable from here: a veth pair, whose other end is `far` in the namespace `to`. Both ends are up. */
  cable(near: string, far: string, to: Namespace = this): boolean {
    return (
      this.ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', to.name) &&
      this.ip('link', 'set', near, 'up') &&
      to.ip('link', 'set', far, 'up')
    );
  }

  runSync(...command: string[]): Answer {
    const [program, ...args] = [...this.under, ...command];
    return spawnSync(program, args, { encoding: 'utf8' });
  }

  run(...command: string[]): Promise<Answer> {
    const [program, ...args] = [...this.under, ...command];
    return new Promise((done) => {
      const child = execFile(program, args, (_error, stdout, stderr) =>
        done({ status: child.exitCode, stdout, stderr }),
      );
    });
  }
}

function ip(...args: string[]): boolean {
  return spawnSync('ip', args).status === 0;
}
