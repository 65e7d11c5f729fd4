import { mkdirSync, unlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { checkString, wrongType } from '../check';
import { NetmapError } from '../errors';
import { native } from '../native';
import { isListening, onLines, socketPath, type ControlReply, type ControlRequest } from './control-socket';
import { Emulator } from './emulator';

/** Takes commands for an emulator of this process, as long as it is open: a Unix socket in the engine's folder, for its owner alone. */
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
    if (!(emulator instanceof Emulator)) throw wrongType('emulator', 'an Emulator', emulator);
    if (typeof stats !== 'function') throw wrongType('stats', 'a function', stats);
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
      if (await isListening(path)) {
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

  /** Closes it at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  private serve(socket: Socket, emulator: Emulator, stats: () => object): void {
    this.sockets.add(socket);
    socket.unref();
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    onLines(socket, (line) => socket.write(`${answer(line, emulator, stats)}\n`));
  }
}

/** A line for a line, whatever stands there, and whatever the callback returns. */
function answer(line: string, emulator: Emulator, stats: () => object): string {
  try {
    return JSON.stringify(reply((JSON.parse(line) ?? {}) as Partial<ControlRequest>, emulator, stats));
  } catch (error) {
    const { message, code = 'EINVAL', position } = error as NetmapError;
    return JSON.stringify({ error: { message, code, ...(position === undefined ? {} : { position }) } });
  }
}

function reply(request: Partial<ControlRequest>, emulator: Emulator, stats: () => object): ControlReply {
  const { commands, folder, details } = request;
  if (typeof commands !== 'string') return { error: { message: '"commands" must be a string', code: 'EINVAL' } };
  const text = commands.trim();
  if (text === 'stats') return { stats: stats() };
  if (text === 'show') {
    return { output: emulator.show(), notes: [], ...(details && { rules: emulator.rules(), stats: stats() }) };
  }
  const notes: string[] = [];
  const keep = (note: string) => notes.push(note);
  emulator.on('note', keep);
  try {
    return { output: emulator.applyIn(commands, folder && checkString('folder', folder)), notes };
  } finally {
    emulator.off('note', keep);
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

function named(error: unknown, path: string): NetmapError {
  const { code = 'EIO', errno: number, message } = error as NodeJS.ErrnoException;
  return new NetmapError(`cannot make the control socket ${path}: ${message}`, {
    code,
    ...(number === undefined ? {} : { errno: Math.abs(number) }),
    syscall: 'listen',
  });
}
