import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';
import { plainNode } from './plain-node';

const root = resolve(__dirname, '../../..');

/** A line of a tool's JSON output: whatever fields it has. */
export type Line = Record<string, unknown> & { type: string };

export interface CliResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** The lines of standard output that are JSON. */
  lines: Line[];
  /** The last one, if it is a summary; otherwise empty. */
  summary: Line;
}

export interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Another script than the command line's. */
  script?: string;
  /** A command that runs it in its turn: `ip netns exec`, for example. */
  under?: readonly string[];
}

/** The real command line in a process of its own. It does not outlive the test. */
export class Cli {
  readonly child: ChildProcess;
  readonly ended: Promise<CliResult>;
  private stdout = '';
  private stderr = '';
  private readonly lines: Line[] = [];
  private readonly waiting = new Set<() => void>();

  constructor(t: Test, args: readonly string[], options: RunOptions = {}) {
    const { env = {}, cwd, script = 'lib/cli/main.js', under = [] } = options;
    const [command, ...rest] = [...under, ...plainNode, resolve(root, script), ...args];
    this.child = spawn(command, rest, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    createInterface({ input: this.child.stdout! }).on('line', (text) => {
      this.stdout += `${text}\n`;
      if (text.startsWith('{')) this.lines.push(JSON.parse(text) as Line);
      for (const look of this.waiting) look();
    });
    this.ended = new Promise((done, failed) => {
      this.child.on('error', failed);
      this.child.on('close', (code, signal) => {
        const { stdout, stderr, lines } = this;
        const last = lines.at(-1);
        done({ code, signal, stdout, stderr, lines, summary: last?.type === 'summary' ? last : { type: 'none' } });
        for (const look of this.waiting) look();
      });
    });
    t.teardown(async () => {
      this.kill('SIGKILL');
      await this.ended;
    });
  }

  /** Resolves when a line of standard output matches, or when the process has ended without. */
  async said(text: RegExp): Promise<void> {
    await new Promise<void>((done) => {
      const look = () => {
        if (!text.test(this.stdout) && this.child.exitCode === null && this.child.signalCode === null) return;
        this.waiting.delete(look);
        done();
      };
      this.waiting.add(look);
      look();
    });
  }

  kill(signal: NodeJS.Signals): void {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
  }

  /** Asks for the end, as kill(1) does. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<CliResult> {
    this.kill(signal);
    return this.ended;
  }
}

/** Runs a command to its end. */
export function run(t: Test, args: readonly string[], options?: RunOptions): Promise<CliResult> {
  return new Cli(t, args, options).ended;
}

/** Starts a tool with JSON output; resolves when its port is open. */
export async function start(t: Test, args: readonly string[], options?: RunOptions): Promise<Cli> {
  const cli = new Cli(t, [...args, '--json'], options);
  await cli.said(/"type":"start"/);
  return cli;
}
