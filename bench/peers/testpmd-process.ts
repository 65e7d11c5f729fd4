import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../child';
import type { Session } from '../session';
import { notFound } from './found';

export const testpmdMissing = () => notFound('dpdk-testpmd', 'Debian: apt-get install dpdk-dev librte-net-null23');

let serial = 0;

/** One dpdk-testpmd, without huge pages or network cards, told what to do through its prompt. */
export class Testpmd {
  private readonly child: Child;

  constructor(session: Session, cores: string, device: string, options: readonly string[]) {
    const prefix = `bench${process.pid}-${serial++}`;
    // Its output is buffered where it is no terminal; stdbuf (coreutils) changes that.
    this.child = session.command('stdbuf', [
      ...['-oL', 'dpdk-testpmd', '--no-huge', '-m', '256', '--no-pci', '--no-telemetry'],
      ...['--lcores', cores, '--file-prefix', prefix, '--vdev', device],
      ...['--', '-i', '--nb-cores=1', '--txd=1024', '--rxd=1024', '--total-num-mbufs=8192', ...options],
    ]);
  }

  /** Waits until its ports are there. */
  async ready(): Promise<void> {
    await this.child.line('start of testpmd', (text) => (text.includes('Checking link statuses') ? true : undefined));
  }

  start(): void {
    this.child.write('start\n');
  }

  /** Millions of packets per second over the next `seconds`, by its own counters and clock. */
  async rate(direction: 'Tx' | 'Rx', seconds: number): Promise<number> {
    await this.show(direction);
    await sleep(1000 * seconds);
    return (await this.show(direction)) / 1e6;
  }

  async quit(): Promise<void> {
    this.child.write('stop\nquit\n');
    const last = setTimeout(() => this.child.kill('SIGTERM'), 3000);
    await this.child.end();
    clearTimeout(last);
  }

  private show(direction: 'Tx' | 'Rx'): Promise<number> {
    this.child.forget();
    this.child.write('show port stats 0\n');
    return this.child.line('port statistics', (text) => {
      const found = new RegExp(`${direction}-pps:\\s+(\\d+)`).exec(text);
      return found ? Number(found[1]) : undefined;
    });
  }
}
