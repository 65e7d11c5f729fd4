import type { Command } from 'commander';
import { dirname } from 'node:path';
import type { EmulationStats } from '../../emulator';
import { control } from '../../emulator/control';
import { wrongValue } from '../../check';
import { describeTraffic } from '../describe';
import type { EmulateOptions } from '../emulate';
import { Output } from '../output';
import { inFile, readCommands } from './commands-file';
import { describeEmulator } from './describe';

/** What goes with `--control`; the rest describes an emulator that is to begin. */
const TAKEN = ['control', 'config', 'json'];

/** `emulate --control NAME ...`: gives the words, or the commands of a file, to an emulator that runs. */
export async function controlEmulator(words: string[], options: EmulateOptions, command: Command): Promise<void> {
  const name = options.control!;
  const odd = Object.keys(options).find((key) => !TAKEN.includes(key) && command.getOptionValueSource(key) === 'cli');
  if (odd !== undefined) {
    const hint = "say it in the emulator's words, for example --control NAME pipe 1 change delay 5ms";
    throw wrongValue(`--${odd}`, `does not go with --control: ${hint}`, options[odd as keyof EmulateOptions]);
  }
  const { config, json = false } = options;
  if (config !== undefined && words.length > 0) {
    throw wrongValue('--config', 'is a file of commands: give either it or a command', words.join(' '));
  }
  const output = new Output(json);
  const commands = config === undefined ? words.join(' ') || 'show' : readCommands(config);
  const answer = await control(name, commands, {
    ...(config !== undefined && { folder: dirname(config) }),
    details: json,
  }).catch((error: unknown) => {
    throw config === undefined ? error : inFile(config, error);
  });
  for (const note of answer.notes) output.warn(note);
  if (answer.stats && answer.rules === undefined) {
    const stats = answer.stats as unknown as EmulationStats;
    output.tell(
      'stats',
      { emulator: name, ...stats },
      `${describeTraffic('passed on', stats)}\n${describeEmulator(stats)}`,
    );
    return;
  }
  const text = answer.output.trimEnd();
  if (json || text !== '') output.tell('answer', { emulator: name, ...answer }, text);
}
