import { dirname, resolve } from 'node:path';
import { wrongValue } from '../../check';
import { Emulator } from '../../emulator/emulator';
import { inFile, readCommands } from './commands-file';
import { LinkCommands, type LinkWords } from './link-options';

interface EmulatorWords extends LinkWords {
  config?: string;
  seed?: number;
  memory?: number;
}

/** The emulator that the command line describes. */
export function makeEmulator(options: EmulatorWords): Emulator {
  const { config, seed, memory } = options;
  const simple = new LinkCommands(options);
  if (config === undefined) {
    try {
      return new Emulator(simple.text, { seed, memory });
    } catch (error) {
      throw simple.explain(error);
    }
  }
  if (simple.text !== '')
    throw wrongValue('--config', 'describes the links: give either it or the options of a link', config);
  const text = readCommands(config);
  try {
    return new Emulator(text, { seed, memory, folder: dirname(resolve(config)) });
  } catch (error) {
    throw inFile(config, error);
  }
}
