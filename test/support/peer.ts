import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Library, Port } from './library';
import { plainNode } from './plain-node';

/** What a function that runs in another process is given. */
export interface PeerContext {
  lib: Library;
  frames: typeof import('./frames');
  raw: typeof import('./raw-ring');
  /** Ports opened so far, for the functions that run later. */
  ports: Record<string, Port>;
}

interface Reply {
  id?: number;
  note?: unknown;
  result?: unknown;
  error?: string;
}

/**
 * Another process with the library in it. Functions are sent over as text: they see their arguments only, nothing of the
 * file that they are written in.
 */
export class Peer {
  readonly process: ChildProcess;
  private readonly waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private readonly notes: unknown[] = [];
  private wake: (() => void) | undefined;
  private readonly gone: Promise<string>;
  private serial = 0;

  private constructor(process: ChildProcess) {
    this.process = process;
    this.gone = new Promise((resolve) =>
      process.once('exit', (code, signal) => {
        for (const { reject } of this.waiting.values()) reject(new Error(`the other process ended: ${signal ?? code}`));
        this.waiting.clear();
        resolve(signal ?? `exit ${code}`);
      }),
    );
    process.on('message', (reply: Reply) => this.answered(reply));
  }

  static async start(env: Record<string, string> = {}, execArgv: string[] = []): Promise<Peer> {
    const child = fork(join(__dirname, 'peer-main.js'), {
      env: { ...process.env, ...env },
      execPath: plainNode[0],
      execArgv: [...plainNode.slice(1), ...execArgv],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const peer = new Peer(child);
    await peer.run(() => true, null);
    return peer;
  }

  get pid(): number {
    return this.process.pid!;
  }

  /** Runs a function over there. */
  run<A, R>(task: (context: PeerContext, argument: A) => R | Promise<R>, argument: A): Promise<R> {
    const id = ++this.serial;
    return new Promise<R>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.process.send({ id, task: task.toString(), argument }, (error) => {
        if (error) reject(error);
      });
    });
  }

  /** Starts a function that need not end: what it hands to `note` is read with {@link Peer.note}. */
  start<A>(task: (context: PeerContext & { note(value: unknown): void }, argument: A) => unknown, argument: A): void {
    this.process.send({ task: task.toString(), argument });
  }

  /** The next thing that a started function notes; undefined when `ms` are over. */
  async note(ms = 20_000): Promise<unknown> {
    const end = Date.now() + ms;
    while (this.notes.length === 0) {
      const left = end - Date.now();
      if (left <= 0) return undefined;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.notes.shift();
  }

  /** Throws away the notes so far. */
  forget(): void {
    this.notes.length = 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Kills it without warning, and waits until it is gone. */
  async kill(): Promise<string> {
    this.process.kill('SIGKILL');
    return this.gone;
  }

  /** Asks it to end, in vain if it is busy or stopped: then it is killed. */
  async end(): Promise<string> {
    if (this.process.connected) this.process.disconnect();
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 2000);
    try {
      return await this.gone;
    } finally {
      clearTimeout(timer);
    }
  }

  private answered(reply: Reply): void {
    if (reply.id === undefined) {
      this.notes.push(reply.note);
      this.wake?.();
      return;
    }
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (reply.error !== undefined) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.result);
  }
}
