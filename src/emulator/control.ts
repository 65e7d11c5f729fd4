/** Commands to an emulator in another process: a Unix socket in the engine's folder, which nobody but its owner can open. */

import { mkdirSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { checkString, wrongValue } from '../check';
import { NetmapError } from '../errors';
import { native } from '../native';
import type { Emulator } from './emulator';

/** Characters of a request, or an answer, at most. */
const MOST = 1 << 26;
/** How long a path a socket may have. */
const MOST_PATH = 107;

interface Answer {
  output?: string;
  notes?: string[];
  stats?: object;
  error?: { message: string; code: string; position?: number };
}

function socketPath(name: string): string {
  checkString('name', name);
  if (!/^[\w.-]{1,64}$/.test(name)) {
    throw wrongValue('name', 'must be 1 to 64 letters, digits, dots, dashes or underscores', name);
  }
  const { path } = native().engineFolder();
  const socket = join(path, `emulate.${name}`);
  if (Buffer.byteLength(socket) > MOST_PATH) {
    throw wrongValue('name', `makes the path of a socket that is longer than ${MOST_PATH} bytes`, socket);
  }
  return socket;
}

/** Takes commands for an emulator of this process, as long as it is open. */
export class ControlServer {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.server = server;
  }

  /**
   * @param name by which {@link control} finds it
   * @param stats what `stats` answers
   * @throws NetmapError `EADDRINUSE` when there is one of that name
   */
  static async open(name: string, emulator: Emulator, stats: () => object): Promise<ControlServer> {
    const path = socketPath(name);
    const { path: folder, failure } = native().engineFolder();
    if (failure !== null) {
      throw new NetmapError(`the engine's folder ${folder} cannot be used: ${failure.detail}`, { code: 'EACCES' });
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const server = createServer();
    const control = new ControlServer(server);
    server.on('connection', (socket) => control.serve(socket, emulator, stats));
    try {
      await listen(server, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw named(error, path);
      if (await alive(path)) {
        throw new NetmapError(`an emulator named '${name}' is running already; give this one another name`, {
          code: 'EADDRINUSE',
        });
      }
      unlinkSync(path); // left by a process that was killed
      await listen(server, path);
    }
    server.unref();
    return control;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private serve(socket: Socket, emulator: Emulator, stats: () => object): void {
    this.sockets.add(socket);
    socket.unref();
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    onLines(socket, (line) => socket.write(`${JSON.stringify(answer(line, emulator, stats))}\n`));
  }
}

/** Calls back for each line; gives up on a line that has no end. */
function onLines(socket: Socket, callback: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8').on('data', (data: string) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop()!;
    for (const line of lines) callback(line);
    if (rest.length > MOST) socket.destroy();
  });
}

function answer(line: string, emulator: Emulator, stats: () => object): Answer {
  try {
    const commands = (JSON.parse(line) as { commands?: unknown } | null)?.commands;
    if (typeof commands !== 'string') return { error: { message: '"commands" must be a string', code: 'EINVAL' } };
    const text = commands.trim();
    if (text === 'stats') return { stats: stats() };
    const notes: string[] = [];
    const keep = (note: string) => notes.push(note);
    emulator.on('note', keep);
    try {
      return { output: text === 'show' ? emulator.show() : emulator.apply(commands), notes };
    } finally {
      emulator.off('note', keep);
    }
  } catch (error) {
    const { message, code = 'EINVAL', position } = error as NetmapError;
    return { error: { message, code, ...(position === undefined ? {} : { position }) } };
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((done, failed) => {
    server.once('error', failed);
    // The socket is made in here, and must not be anybody else's for a moment.
    const mask = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', failed);
        done();
      });
    } finally {
      process.umask(mask);
    }
  });
}

function alive(path: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}

function named(error: unknown, path: string): NetmapError {
  const { code = 'EIO', errno: number, message } = error as NodeJS.ErrnoException;
  return new NetmapError(`cannot make the control socket ${path}: ${message}`, {
    code,
    ...(number === undefined ? {} : { errno: Math.abs(number) }),
    syscall: 'listen',
  });
}

/**
 * Gives commands to an emulator that runs in another process (`node-netmap emulate --name NAME`), which carries them out all
 * or none. `show` prints everything, `stats` gives its counters.
 *
 * @returns what they print, notes about them, and the counters if they were asked for
 * @throws NetmapError `ENOENT` when there is none of that name; what it says about the commands
 */
export async function control(
  name: string,
  commands: string,
): Promise<{ output: string; notes: string[]; stats?: Record<string, unknown> }> {
  const path = socketPath(name);
  checkString('commands', commands);
  if (Buffer.byteLength(commands) > MOST / 2)
    throw wrongValue('commands', 'must be shorter than 512 KiB', commands.length);
  const line = await ask(path, `${JSON.stringify({ commands })}\n`, name);
  const { output = '', notes = [], stats, error } = JSON.parse(line) as Answer;
  if (error) throw new NetmapError(error.message, { code: error.code, position: error.position });
  return { output, notes, ...(stats ? { stats: stats as Record<string, unknown> } : {}) };
}

function ask(path: string, request: string, name: string): Promise<string> {
  return new Promise((done, failed) => {
    const socket = connect(path, () => socket.write(request));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const { code = 'EIO' } = error;
      const none = code === 'ENOENT' || code === 'ECONNREFUSED';
      const hint = 'the first line of "node-netmap emulate" says its name';
      const message = none ? `no emulator named '${name}' is running; ${hint}` : `asking '${name}': ${error.message}`;
      failed(new NetmapError(message, { code: none ? 'ENOENT' : code, ...(none ? { hint } : {}) }));
    });
    socket.once('close', () => {
      failed(new NetmapError(`the emulator '${name}' ended before it answered`, { code: 'ECONNRESET' }));
    });
    onLines(socket, (line) => {
      done(line);
      socket.destroy();
    });
  });
}
