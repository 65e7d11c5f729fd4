/** Commands to an emulator in another process. */

import { connect } from 'node:net';
import { resolve } from 'node:path';
import { checkBoolean, checkObject, checkString, wrongValue } from '../check';
import { NetmapError } from '../errors';
import type { RuleReport } from '../ruleset';
import { isListening, MOST_LINE, onLines, socketNames, socketPath, type ControlReply } from './control-socket';

/** What {@link control} takes; everything has a default. */
export interface ControlOptions {
  /** Where files that commands name are looked for, if their paths are relative; the working directory by default. */
  folder?: string;
  /** With `show`: give rules and counters as objects, too; false by default. */
  details?: boolean;
}

/** What an emulator answers. */
export interface ControlAnswer {
  /** What the commands print. */
  output: string;
  /** What was taken otherwise than it was written, or cannot work as it stands. */
  notes: string[];
  /** Of `show`, if details were asked for. */
  rules?: RuleReport[];
  /** Of `stats`, and of `show`, if details were asked for. */
  stats?: Record<string, unknown>;
}

/**
 * Gives commands to an emulator that runs in another process (`node-netmap emulate --name NAME`), which carries them out all
 * or none. `show` prints everything, `stats` gives its counters.
 *
 * @throws NetmapError `ENOENT` when there is none of that name; what it says about the commands
 */
export async function control(name: string, commands: string, options: ControlOptions = {}): Promise<ControlAnswer> {
  const path = socketPath(name);
  checkString('commands', commands);
  checkObject('options', options, ['folder', 'details']);
  const folder = resolve(checkString('options.folder', options.folder ?? ''));
  const details = checkBoolean('options.details', options.details ?? false);
  const request = JSON.stringify({ commands, folder, details });
  if (request.length > MOST_LINE) {
    throw wrongValue('commands', `must be shorter than ${MOST_LINE >> 20} MiB`, `${commands.slice(0, 20)}...`);
  }
  const line = await ask(path, `${request}\n`, name);
  const { output = '', notes = [], rules, stats, error } = JSON.parse(line) as ControlReply;
  if (error) throw new NetmapError(error.message, { code: error.code, position: error.position });
  return { output, notes, ...(rules && { rules }), ...(stats && { stats: stats as Record<string, unknown> }) };
}

function ask(path: string, request: string, name: string): Promise<string> {
  return new Promise((done, failed) => {
    const socket = connect(path, () => socket.write(request));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const { code = 'EIO' } = error;
      if (code === 'ENOENT' || code === 'ECONNREFUSED') void nobody(name).then(failed);
      else failed(new NetmapError(`asking '${name}': ${error.message}`, { code }));
    });
    socket.once('close', (hadError: boolean) => {
      if (hadError) return;
      failed(new NetmapError(`the emulator '${name}' ended before it answered`, { code: 'ECONNRESET' }));
    });
    onLines(socket, (line) => {
      done(line);
      socket.destroy();
    });
  });
}

/** The error that there is no such emulator, with the names of those that there are. */
async function nobody(name: string): Promise<NetmapError> {
  const names = socketNames();
  const listening = await Promise.all(names.map((other) => isListening(socketPath(other))));
  const running = names.filter((_, k) => listening[k]);
  const hint =
    running.length > 0
      ? `those that are: ${running.join(', ')}`
      : 'none is; "node-netmap emulate A B --name NAME" starts one that has this name';
  return new NetmapError(`no emulator named '${name}' is running; ${hint}`, { code: 'ENOENT', hint });
}
