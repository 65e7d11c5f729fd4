/** Where emulators listen for commands, and lines on such sockets. */

import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { checkString, wrongValue } from '../check';
import { native } from '../native';
import type { RuleReport } from '../ruleset';

/** Characters of a request, or an answer, at most. */
export const MOST_LINE = 1 << 26;
/** How long a path a socket may have. */
const MOST_PATH = 107;
const PREFIX = 'emulate.';
const NAME = /^[\w.-]{1,64}$/;

/** A line to an emulator. */
export interface ControlRequest {
  commands: string;
  /** Where files that commands name are looked for. */
  folder?: string;
  /** With `show`: the rules and the counters as objects, too. */
  details?: boolean;
}

/** A line from it. */
export interface ControlReply {
  output?: string;
  notes?: string[];
  rules?: RuleReport[];
  stats?: object;
  error?: { message: string; code: string; position?: number };
}

/** The path of the socket of an emulator of that name. */
export function socketPath(name: string): string {
  checkString('name', name);
  if (!NAME.test(name)) {
    throw wrongValue('name', 'must be 1 to 64 letters, digits, dots, dashes or underscores', name);
  }
  const { path } = native().engineFolder();
  const socket = join(path, PREFIX + name);
  if (Buffer.byteLength(socket) > MOST_PATH) {
    throw wrongValue('name', `makes the path of a socket that is longer than ${MOST_PATH} bytes`, socket);
  }
  return socket;
}

/** Names of emulators that have sockets; some may be left from such as were killed. */
export function socketNames(): string[] {
  try {
    const files = readdirSync(native().engineFolder().path).filter((file) => file.startsWith(PREFIX));
    const names = files.map((file) => file.slice(PREFIX.length));
    return names.filter((name) => NAME.test(name)).sort();
  } catch {
    return []; // nothing has made the folder yet
  }
}

/** Calls back for each line; gives up on a line that has no end. */
export function onLines(socket: Socket, callback: (line: string) => void): void {
  let parts: string[] = [];
  let length = 0;
  socket.setEncoding('utf8').on('data', (data: string) => {
    const lines = data.split('\n');
    for (const end of lines.slice(0, -1)) {
      callback(parts.join('') + end);
      parts = [];
      length = 0;
    }
    const rest = lines.at(-1)!;
    parts.push(rest);
    length += rest.length;
    if (length > MOST_LINE) socket.destroy();
  });
}

/** Whether a process listens at a socket, and it was not just left behind. */
export function isListening(path: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}
