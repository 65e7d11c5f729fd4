import { spawn, type ChildProcess } from 'node:child_process';

const running = new Set<Child>();

export interface ChildOptions {
  env?: NodeJS.ProcessEnv;
  /** Milliseconds after which the process is ended, whatever it does. */
  limit: number;
}

/** A child process whose output is read line by line; it never outlives its limit, nor us. */
export class Child {
  readonly name: string;
  private readonly process: ChildProcess;
  private readonly limit: NodeJS.Timeout;
  private readonly exited: Promise<void>;
  private lines: string[] = [];
  private rest = '';
  private errors = '';
  private over = false;
  private listeners: (() => void)[] = [];

  constructor(command: string, args: readonly string[], { env = process.env, limit }: ChildOptions) {
    this.name = [command, ...args].join(' ');
    this.process = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    running.add(this);
    this.limit = setTimeout(() => this.kill('SIGKILL'), limit);
    this.process.stdin?.on('error', () => {}); // it may end before it reads
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => this.hear(text));
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors = (this.errors + text).slice(-4000);
    });
    this.exited = new Promise((resolve) => {
      const end = () => {
        clearTimeout(this.limit);
        running.delete(this);
        this.over = true;
        this.notify();
        resolve();
      };
      this.process.once('error', (error) => {
        this.errors += error.message;
        end();
      });
      this.process.once('close', end);
    });
  }

  get pid(): number {
    return this.process.pid ?? -1;
  }

  write(text: string): void {
    this.process.stdin?.write(text);
  }

  /** The first line, of those written so far and to come, that `find` makes something of. */
  async line<T>(what: string, find: (line: string) => T | undefined): Promise<T> {
    for (let i = 0; ;) {
      for (; i < this.lines.length; i++) {
        const found = find(this.lines[i]);
        if (found !== undefined) return found;
      }
      if (this.over) throw new Error(`no ${what} from ${this.name}${this.errors ? `: ${this.errors.trim()}` : ''}`);
      await new Promise<void>((resolve) => this.listeners.push(resolve));
    }
  }

  /** The first line of JSON that has this type. */
  message(type: string): Promise<Record<string, number>> {
    return this.line(`'${type}' message`, (text) => {
      if (!text.startsWith('{')) return undefined;
      try {
        const value = JSON.parse(text) as Record<string, unknown>;
        return value.type === type ? (value as Record<string, number>) : undefined;
      } catch {
        return undefined;
      }
    });
  }

  /** Drops the lines so far, so that the next {@link line} is a new one. */
  forget(): void {
    this.lines = [];
  }

  /** Waits for the end; what was written so far can still be read. */
  async end(signal?: NodeJS.Signals): Promise<void> {
    if (signal) this.kill(signal);
    await this.exited;
  }

  /** Ends the process and waits until it is gone: first kindly, then not. */
  async stop(): Promise<void> {
    const last = setTimeout(() => this.kill('SIGKILL'), 2000);
    await this.end('SIGTERM');
    clearTimeout(last);
  }

  kill(signal: NodeJS.Signals): void {
    if (!this.over) this.process.kill(signal);
  }

  private hear(text: string): void {
    const parts = (this.rest + text).split('\n');
    this.rest = parts.pop() ?? '';
    this.lines.push(...parts);
    this.notify();
  }

  private notify(): void {
    const waiting = this.listeners;
    this.listeners = [];
    for (const wake of waiting) wake();
  }
}

/** Ends what is still running. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((child) => child.stop()));
}

/** For the handler of a signal, or of the exit: at once. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}
