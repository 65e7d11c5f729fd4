import { resolve } from 'node:path';
import { wrongValue } from '../../check';
import { OfflineEmulation } from '../../emulator/offline';
import { sameFile } from '../../same-file';
import { count } from '../format';
import { onClosedOutput, Output } from '../output';
import { ReportFile } from '../report';
import { StopSignals } from '../stop-signals';
import type { EmulateOptions } from '../emulate';
import { describeEmulator } from './describe';
import { makeEmulator } from './make';
import { openRuleLog } from '../rule-log';

/** `emulate --offline`: a capture in, a capture out. */
export async function emulateOffline(input: string, file: string, options: EmulateOptions): Promise<void> {
  for (const name of ['report', 'log'] as const) {
    const path = options[name];
    if (path !== undefined && (sameFile(input, path) || resolve(path) === resolve(file))) {
      throw wrongValue(`--${name}`, 'must be another file than the captures', path);
    }
  }
  const output = new Output(options.json ?? false, false, file === '-' ? process.stderr : process.stdout);
  const emulator = makeEmulator(options);
  for (const note of emulator.notes) output.warn(note);
  const log = openRuleLog(options.log, emulator, output);
  const offline = new OfflineEmulation(input, file, emulator, { inside: options.inside, ...(log && { log }) });
  const report = options.report === undefined ? undefined : new ReportFile(options.report);
  // Not before the files are open: each may be a FIFO that nobody else opens, and until then Ctrl-C ends the process.
  const signals = new StopSignals();
  onClosedOutput(() => signals.ask());
  const started = new Date().toISOString();
  signals.listen(() => offline.stop());
  let failed = true;
  try {
    await offline.run();
    failed = false;
  } finally {
    const stats = offline.stats();
    const odd = [
      stats.filled > 0
        ? `\n${count(stats.filled, 'packet')} filled up with zeros: the capture has only a part of them`
        : '',
      stats.skipped > 0 ? `\n${count(stats.skipped, 'packet')} left out: empty, or longer than 65280 bytes` : '',
      stats.late > 0 ? `\n${count(stats.late, 'packet')} stood behind later ones, and came in with those` : '',
    ].join('');
    output.tell(
      'summary',
      { command: 'emulate', ...stats, input, file },
      `${count(stats.packets, 'packet')} in, ${count(stats.outPackets, 'packet')} out, ${stats.seconds.toFixed(6)} s${failed ? '' : `: wrote ${file}`}\n` +
        describeEmulator(stats, stats.packets) +
        odd,
    );
    try {
      log?.close();
    } finally {
      report?.write({
        format: 1,
        tool: 'emulate --offline',
        device: 'virtual clock',
        ports: [input, file],
        started,
        seconds: stats.seconds,
        series: { seconds: [] },
        histograms: {},
        shares: {},
        curves: offline.curves(),
        summary: stats,
      });
    }
  }
}
