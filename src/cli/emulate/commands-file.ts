import { readFileSync } from 'node:fs';
import { NetmapError } from '../../errors';

/** The commands of a file, as editors of all systems write them. */
export function readCommands(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  } catch (cause) {
    const { code = 'EIO', message } = cause as NodeJS.ErrnoException;
    throw new NetmapError(`cannot read the commands: ${message}`, { code, syscall: 'open' });
  }
}

/** An error about commands, with the name of the file that they are in. */
export function inFile(file: string, error: unknown): unknown {
  if (!(error instanceof NetmapError) || error.code !== 'ERR_NETMAP_RULE') return error;
  const { code, position } = error;
  return new NetmapError(`${file}: ${error.message}`, { code, position });
}
