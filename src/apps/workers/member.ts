import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { NetmapError } from '../../errors';
import type { Details } from '../details';
import type { Traffic } from '../meter';
import { fromPlain } from './errors';
import type { Assignment, Order, Word } from './messages';

/** One worker thread, seen from the main thread. */
export class Member<Stats extends Traffic> {
  /** Its app exists, and waits for the word to start. */
  readonly ready: Promise<void>;
  /** Its app has ended; rejects with what it failed with. */
  readonly done: Promise<void>;
  /** The last it has told. */
  stats: Stats | undefined;
  details: Details = {};
  private readonly worker: Worker;
  private onReady: (word: Word) => void = () => {};

  constructor(assignment: Assignment) {
    const ready = new Promise<Word>((resolve) => (this.onReady = resolve));
    this.worker = new Worker(join(__dirname, 'thread.js'), { workerData: assignment });
    this.done = new Promise((resolve, reject) => {
      this.worker.on('message', (word: Word) => {
        this.hear(word);
        if (word.type === 'failed') reject(fromPlain(word.error));
        else if (word.type === 'done') resolve();
      });
      this.worker.on('error', reject);
      this.worker.on('exit', (code) => reject(gone(assignment, code)));
    });
    this.ready = Promise.race([ready, this.done]).then(() => {});
    // Whoever waits hears of failures; nobody has to.
    this.ready.catch(() => {});
  }

  tell(order: Order): void {
    this.worker.postMessage(order);
  }

  private hear(word: Word): void {
    if (word.type === 'ready') return this.onReady(word);
    if (word.stats) this.stats = word.stats as Stats;
    if ('details' in word && word.details) this.details = word.details;
  }

  /** Waits until the thread is gone. */
  async end(): Promise<void> {
    await this.done.catch(() => {});
    await this.worker.terminate();
  }
}

function gone({ port, index }: Assignment, code: number): NetmapError {
  return new NetmapError(`worker ${index} of '${port}' has ended (exit code ${code}) before its app was done`, {
    code: 'ERR_NETMAP_WORKER',
    port,
  });
}
