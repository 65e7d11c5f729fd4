import { killAll, stopAll } from './child';
import { machine } from './machine';
import { readOptions, type Options } from './options';
import { benchmarks } from './list';
import { JsonReport, TableReport, type Report } from './report';
import type { Line } from './lines';
import { runBenchmark } from './runner';
import { Session } from './session';

/** Percent of the time. A core that one other process needs now and then comes to about this. */
const QUIET = 5;

async function main(options: Options): Promise<void> {
  const { runs, full, brief, peers, quiet } = options;
  const start = performance.now();
  const report: Report = options.json ? new JsonReport() : new TableReport();
  const session = new Session({ ...options, installPeers: peers === true });
  // A signal ends the children first, for the folder is theirs as well.
  process.on('exit', () => (killAll(), session.remove()));
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));

  process.env.NODE_NETMAP_DIR = session.engineFolder;
  const here = machine(options.device);
  session.kernel = here.device === 'kernel';
  report.begin(here);
  const missed: Line[] = [];
  const told = new Set<string>();
  for (const benchmark of options.only) {
    await runBenchmark(
      benchmark,
      session,
      { runs, full, brief, peers: peers !== false, quiet: quiet === true ? QUIET : quiet },
      {
        skipped(who, reason) {
          if (told.has(who + reason)) return;
          told.add(who + reason);
          report.skipped(who, reason);
        },
        lines(lines) {
          report.lines(lines);
          missed.push(...lines.filter((line) => line.goals?.some((goal) => !goal.aim && !goal.reached)));
        },
      },
    );
  }
  await stopAll();
  report.end({ seconds: (performance.now() - start) / 1000, missed });
}

const options = readOptions(process.argv);
if (options.list) {
  for (const { name, what } of benchmarks) process.stdout.write(`${name.padEnd(16)} ${what}\n`);
} else {
  main(options).catch((error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
    process.exit();
  });
}
