import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { Ruleset } from '../ruleset';

/** What `--filter` and `--filter-file` leave behind. */
export interface FilterOptions {
  filter?: string;
  filterFile?: string;
}

/** Adds the options by which a tool keeps to some packets. */
export function addFilter(command: Command): Command {
  return command
    .option(
      '--filter <RULES>',
      "keep to packets that match: a condition of ipfw's language ('udp dst-port 53'), or whole rules, one a line",
      parse,
    )
    .addOption(new Option('--filter-file <FILE>', 'the same from a file').argParser(parseFile).conflicts('filter'));
}

/** The rules as text, which can be read. */
export function filterOf({ filter, filterFile }: FilterOptions): string | undefined {
  return filter ?? filterFile;
}

function parse(text: string): string {
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
  return parse(text);
}
