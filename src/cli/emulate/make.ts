import { dirname, resolve } from 'node:path';
import { wrongValue } from '../../check';
import { Emulator } from '../../emulator/emulator';
import { inFile, readCommands } from './commands-file';
import { LinkCommands, type LinkWords } from './link-options';

interface EmulatorWords extends LinkWords {
  config?: string;
  seed?: number;
  memory?: number;
  at?: string[];
}

/** The emulator that the command line describes. */
export function makeEmulator(options: EmulatorWords): Emulator {
  const { config, seed, memory } = options;
  const simple = new LinkCommands(options);
  if (config !== undefined) {
    if (simple.text !== '')
      throw wrongValue('--config', 'describes the links: give either it or the options of a link', config);
    simple.addFile(readCommands(config));
  }
  simple.addLater(options.at ?? []);
  try {
    const folder = config === undefined ? {} : { folder: dirname(resolve(config)) };
    return new Emulator(simple.text, { seed, memory, ...folder });
  } catch (error) {
    const explained = simple.explain(error);
    throw config === undefined ? explained : inFile(config, explained);
  }
}
