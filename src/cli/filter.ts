import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { wrongValue } from '../check';
import { Ruleset } from '../ruleset';
import { fileName } from './arguments';
import type { Output } from './output';
import { openRuleLog } from './rule-log';

/** What `--filter` and `--filter-file` leave behind. */
export interface FilterOptions {
  filter?: string;
  filterFile?: string;
  log?: string;
}

/** Rules of the command line at work. */
export interface OpenFilter {
  readonly rules: Ruleset;
  close(): void;
}

/** Adds the options by which a tool keeps to some packets. */
export function addFilter(command: Command): Command {
  return command
    .option(
      '--filter <RULES>',
      "keep to packets that match: a condition of ipfw's language ('udp dst-port 53'), or whole rules, one a line",
      parseFilter,
    )
    .addOption(new Option('--filter-file <FILE>', 'the same from a file').argParser(parseFile).conflicts('filter'));
}

/** `addFilter`, where what rules with `log` match can be told: by all but those that leave the rules to other threads. */
export function addLoggingFilter(command: Command): Command {
  return addFilter(command).addOption(
    new Option(
      '--log <FILE>',
      'capture (.pcap or .pcapng, perhaps with .gz) of what rules with "log" match (default: a line for each)',
    )
      .argParser(fileName)
      .conflicts('threads'),
  );
}

/** Rules that tell what those with `log` match: a line for each, or into a capture. */
export function openFilter(options: FilterOptions, output: Output): OpenFilter | undefined {
  const text = filterOf(options);
  if (text === undefined) {
    if (options.log === undefined) return undefined;
    throw wrongValue('--log', 'needs rules with "log": --filter or --filter-file', options.log);
  }
  const rules = Ruleset.filter(text);
  const log = openRuleLog(options.log, rules, output);
  rules.logTo(log);
  return { rules, close: () => log?.close() };
}

/** Says so where what rules with `log` match is not told. */
export function warnOfSilentLog(filter: string | undefined, where: string, output: Output): void {
  if (
    filter === undefined ||
    !Ruleset.filter(filter)
      .rules()
      .some((rule) => /^\S+( \S+)? log\b/.test(rule.text))
  )
    return;
  output.warn(`what rules with "log" match is not told ${where}`);
}

/** The rules as text, which can be read. */
export function filterOf({ filter, filterFile }: FilterOptions): string | undefined {
  return filter ?? filterFile;
}

/** Rules, or a condition, on a command line. */
export function parseFilter(text: string): string {
  try {
    Ruleset.filter(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function parseFile(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return parseFilter(text);
}
