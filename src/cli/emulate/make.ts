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
  const later = (options.at ?? []).map((line) => `\nat ${line}`).join('');
  if (config === undefined) {
    try {
      return new Emulator(simple.text + later, { seed, memory });
    } catch (error) {
      throw simple.explain(error);
    }
  }
  if (simple.text !== '')
    throw wrongValue('--config', 'describes the links: give either it or the options of a link', config);
  const text = readCommands(config);
  try {
    return new Emulator(text + later, { seed, memory, folder: dirname(resolve(config)) });
  } catch (error) {
    throw inFile(config, error);
  }
}
