import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { scratch } from '../folder';
import { classic } from '../make-capture';
import { type Cli, type CliResult, run, type RunOptions, start } from './cli';
import { lib } from './library';

const { kernel } = lib.probe();

/** Why tests of the kernel device are skipped; false where there is one. */
export const skip = kernel.usable ? false : `no kernel device to run on: ${kernel.error}`;

const DEVICE = ['--device', 'kernel', '--json'];

/** A tool on the kernel, to its end. */
export function runTool(t: Test, args: readonly string[], options?: RunOptions): Promise<CliResult> {
  return run(t, [...args, ...DEVICE], options);
}

/** A tool on the kernel; resolves when its port is open. */
export async function startTool(t: Test, args: readonly string[], options?: RunOptions): Promise<Cli> {
  const tool = await start(t, [...args, '--device', 'kernel'], options);
  if (tool.child.exitCode !== null) throw new Error((await tool.ended).stderr);
  return tool;
}

/** A capture file of packets with these lengths, 10 ms apart. Their first bytes are broadcast headers. */
export function makeCapture(name: string, lengths: readonly number[]): string {
  const path = join(scratch, name);
  const packets = lengths.map((length, n) => {
    const data = new Uint8Array(length).map((_, at) => (at < 6 ? 255 : at === 6 ? 2 : at * 7 + n));
    return { data, time: [1_700_000_000, 10_000 * n] as [number, number] };
  });
  writeFileSync(path, classic(packets));
  return path;
}

/** What a sink says of numbered packets that all arrived once, in order and unharmed. */
export const FLAWLESS = { lost: 0, reordered: 0, duplicated: 0, corrupt: 0 };
