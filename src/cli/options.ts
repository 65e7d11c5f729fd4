import { Option, type Command } from 'commander';
import type { DeviceKind } from '../native';
import { interval } from './arguments';

/** Options that every command has. */
export interface CommonOptions {
  json?: boolean;
  device?: DeviceKind;
}

/** Options of the commands that run for a while. */
export interface RunOptions extends CommonOptions {
  report?: string;
  csv?: boolean;
  /** Seconds between lines. */
  every?: number;
}

/** Adds the options that every command has, and its examples. */
export function addCommon(command: Command, examples: readonly string[]): Command {
  return command
    .option('--json', 'write one JSON object a line; the last one is the summary')
    .addOption(
      new Option(
        '--device <DEVICE>',
        'insist on a device; default: the kernel if it can be used, else the engine',
      ).choices(['kernel', 'engine']),
    )
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ node-netmap ${example}\n`).join('')}`);
}

/** Adds what commands that run for a while have beside {@link addCommon}. */
export function addRun(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--csv',
        'write a table of comma-separated values, a row a second; the summary goes to standard error',
      ).conflicts('json'),
    )
    .option('--every <S>', 'seconds between lines (default: 1)', interval)
    .option('--report <FILE.html>', 'write a page with plots of the run');
}
