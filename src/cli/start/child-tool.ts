import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What a tool says in its JSON lines, as far as it is used here. */
export interface ToolLine {
  type: 'start' | 'interval' | 'summary';
  device: string;
  packets: number;
  bytes: number;
  /** From start to this line. */
  elapsed: number;
  seconds: number;
  pps: number;
  bps: number;
  dropped?: number | null;
  skipped?: number;
  cut?: number;
  unroutable?: number | null;
}

/** One of our tools in a process of its own. */
export class ChildTool {
  /** Resolves when its port is open, or when it has ended without. */
  readonly started: Promise<void>;
  /** Resolves to its exit code when it has ended. */
  readonly ended: Promise<number>;
  /** Its last line, once that has come. */
  summary: ToolLine | undefined;
  private readonly child: ChildProcess;

  /** @param onInterval called once a second with what it has done since the last time */
  constructor(args: readonly string[], onInterval: (line: ToolLine) => void) {
    const child = spawn(process.execPath, [join(__dirname, '../main.js'), ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // In a group of its own: Ctrl-C reaches us only, and we end sender and receiver in this order. Should we be killed, it
      // finds nobody to read its next line, and ends.
      detached: true,
    });
    this.child = child;
    this.ended = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve(code ?? 1));
    });
    this.started = new Promise((resolve) => {
      this.ended.finally(resolve).catch(() => {});
      createInterface({ input: child.stdout }).on('line', (text) => {
        const line = JSON.parse(text) as ToolLine;
        if (line.type === 'start') resolve();
        else if (line.type === 'interval') onInterval(line);
        else this.summary = line;
      });
    });
  }

  /** Asks it to write its summary and end. */
  stop(): void {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
  }
}
