import { execFileSync } from 'node:child_process';
import { found } from './found';

export function vethMissing(): string | undefined {
  if (process.platform !== 'linux') return 'veth needs Linux';
  if (process.getuid?.() !== 0) return 'a network namespace needs root';
  return found('ip') ? undefined : 'ip is not installed (Debian: apt-get install iproute2)';
}

let serial = 0;

/** Two connected interfaces in a network namespace of their own, which nothing else on the machine sees. */
export class VethPair {
  readonly a = 'bencha';
  readonly b = 'benchb';
  private readonly namespace = `node-netmap-bench-${process.pid}-${serial++}`;

  constructor() {
    ip('netns', 'add', this.namespace);
    try {
      ip('-n', this.namespace, 'link', 'add', this.a, 'type', 'veth', 'peer', 'name', this.b);
      for (const end of [this.a, this.b]) ip('-n', this.namespace, 'link', 'set', end, 'up');
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** Arguments of `ip` that run a command in the namespace, which is to follow. */
  get inside(): string[] {
    return ['netns', 'exec', this.namespace];
  }

  remove(): void {
    ip('netns', 'delete', this.namespace);
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
