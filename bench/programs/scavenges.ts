import { PerformanceObserver } from 'node:perf_hooks';

/** Counts what the garbage collector does from now on. */
export class Scavenges {
  count = 0;
  private readonly observer = new PerformanceObserver((list) => {
    this.count += list.getEntries().length;
  });

  constructor() {
    this.observer.observe({ entryTypes: ['gc'] });
  }

  /** Those until now; entries come with a turn of the event loop. */
  async stop(): Promise<number> {
    await new Promise((done) => setTimeout(done, 20));
    this.observer.disconnect();
    return this.count;
  }
}
