import { Command, InvalidArgumentError, Option } from 'commander';
import { benchmarks } from './list';
import type { Benchmark } from './benchmark';

export interface Options {
  only: readonly Benchmark[];
  runs: number;
  seconds: number;
  full: boolean;
  brief: boolean;
  json: boolean;
  /** Undefined: those that are there; true: install what npm has; false: none. */
  peers: boolean | undefined;
  device: 'kernel' | 'engine' | undefined;
  list: boolean;
  /** Percent of the time; true: the default. */
  quiet: number | true | undefined;
}

export function readOptions(argv: readonly string[]): Options {
  const program = new Command('npm run bench --')
    .description(
      'Measures node-netmap, and beside it what else there is. Figures, not tests: a slow one fails nothing.',
    )
    .addOption(
      new Option('--only <NAMES>', 'some benchmarks, with commas between them')
        .argParser(chosen)
        .default(benchmarks, 'all'),
    )
    .option('--runs <N>', 'measurements of each case, of which the median counts', whole, 3)
    .option('--seconds <S>', 'length of each measurement', positive, 0.4)
    .option('--full', 'all batch sizes with all frame lengths', false)
    .option('--brief', 'only the cases that goals are for: batches of 512, frames of 60 bytes', false)
    .option('--json', 'one JSON object a line', false)
    .option('--peers', 'install peers from npm (into node_modules/.cache)')
    .option('--no-peers', 'only our own figures')
    .option(
      '--quiet [PERCENT]',
      'measure when nobody else needs the cores, repeat what was disturbed (Linux with PSI)',
      percent,
    )
    .addOption(new Option('--device <DEVICE>', 'which device to measure').choices(['kernel', 'engine']))
    .option('--list', 'say which benchmarks there are', false);
  program.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  // Commander takes --no-peers to mean that peers are wanted by default; here that is a third answer.
  program.setOptionValue('peers', undefined);
  return program.parse(argv).opts<Options>();
}

function chosen(text: string): readonly Benchmark[] {
  return text.split(',').map((name) => {
    const found = benchmarks.find((benchmark) => benchmark.name === name.trim());
    if (found) return found;
    throw new InvalidArgumentError(`There are: ${benchmarks.map((benchmark) => benchmark.name).join(', ')}.`);
  });
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1000) {
    throw new InvalidArgumentError('It must be a whole number, 1 to 1000.');
  }
  return value;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value >= 0.01 && value <= 3600)) throw new InvalidArgumentError('It must be a number, 0.01 to 3600.');
  return value;
}

function percent(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 100)) throw new InvalidArgumentError('It must be a number, 0 to 100.');
  return value;
}
