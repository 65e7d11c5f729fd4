import type { App, Traffic } from '../apps';
import { open } from '../open';
import type { Port } from '../port';
import { describePort } from './describe';
import { Live } from './live';
import type { RunOptions } from './options';
import { onClosedOutput, Output } from './output';
import { Report } from './report';
import { StopSignals } from './stop-signals';

/** What makes one tool differ from the others. */
export interface Tool<Stats extends Traffic> {
  command: string;
  direction: 'tx' | 'rx';
  /** Whether standard output is for data: then everything that is told goes to standard error. */
  writesData?: boolean;
  /** Makes the part that does the work. */
  make(port: Port, output: Output): App<Stats>;
  /** Closes what `make` has opened. */
  close?(): void;
  /** Fields for the summary beside those of the stats. */
  extra?(port: Port): object;
  /** The summary for people. */
  describe(stats: Stats, port: Port): string;
}

/** Runs a tool on a port until it is done or a signal asks for the end; the summary is written in any case. */
export async function runTool<Stats extends Traffic>(
  tool: Tool<Stats>,
  name: string,
  options: RunOptions,
): Promise<void> {
  const { json = false, csv = false, device } = options;
  const output = new Output(json, csv, tool.writesData ? process.stderr : process.stdout);
  // Before anything else: a signal that comes while the port is opened counts, too.
  const signals = new StopSignals();
  onClosedOutput(() => signals.ask());
  const port = open(name, { device });
  try {
    await run(tool, port, output, signals, options);
  } finally {
    tool.close?.();
    port.close();
  }
}

async function run<Stats extends Traffic>(
  tool: Tool<Stats>,
  port: Port,
  output: Output,
  signals: StopSignals,
  options: RunOptions,
): Promise<void> {
  const app = tool.make(port, output);
  const { fields, text } = describePort(port, tool.direction === 'tx' ? port.txRings : port.rxRings);
  output.tell('start', { command: tool.command, ...fields }, text);
  // A report that cannot be written ends it here, before there are timers.
  const report = options.report === undefined ? undefined : new Report(options.report, app, tool.command);
  const live = new Live(app, output, options.every);
  try {
    const done = app.start();
    signals.listen(() => app.stop());
    await done;
  } finally {
    live.stop();
    const stats = app.stats();
    const all = { ...stats, ...tool.extra?.(port), device: port.device, port: port.name };
    const ended = port.ended ? '\nended: the port that it watched has been closed' : '';
    output.tell('summary', { command: tool.command, ...all }, tool.describe(stats, port) + ended);
    report?.write();
  }
}
