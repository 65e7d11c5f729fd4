import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { plainNode } from './support/plain-node';

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export const root = resolve(__dirname, '../..');

/** Runs a piece of CommonJS in a Node of its own. `netmap` is the library there, and the engine folder is this test's. */
export function runNode(code: string, flags: string[] = []): Promise<Ended> {
  const prelude = `let netmap = require(${JSON.stringify(root)});\n`;
  const [command, ...args] = [...plainNode, ...flags, '-e', prelude + code];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', (exit, signal) => done({ code: exit, signal, stdout, stderr }));
  });
}
