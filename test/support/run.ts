import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { root, type Ended } from '../child';

const CLI = join(root, 'lib/cli/main.js');

export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
}

/** `node-netmap run` on the engine: begun. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd?: string): Running {
  const child = spawn(process.execPath, [CLI, 'run', '--device', 'engine', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((done, failed) => {
    child.on('error', failed);
    child.on('close', (code, signal) => done({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}

/** The same, to its end. */
export function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return start(args, env).ended;
}
