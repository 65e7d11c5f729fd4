import { Option, type Command } from 'commander';
import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { deviceFromEnvironment, openDevice } from '../devices';
import { NetmapError } from '../errors';
import type { DeviceKind } from '../native';
import { isStatic } from './elf';

/** Signals that are meant for the program when they come to us. */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGCONT', 'SIGWINCH'] as const;

const HEADER_BYTES = 64 * 1024;

export function addRun(program: Command): void {
  program
    .command('run')
    .description('run a program written for /dev/netmap, unmodified: on the engine, or on the kernel if it is there')
    .argument('<PROGRAM>', 'program to run')
    .argument('[ARGS...]', 'its arguments')
    .addOption(
      new Option(
        '--device <DEVICE>',
        'insist on a device; default: the kernel if it can be used, else the engine',
      ).choices(['kernel', 'engine']),
    )
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Everything from PROGRAM on belongs to the program. The exit code is the program's; 127: it was not found, 126: it cannot
be run.

Examples:
  $ node-netmap run -- pkt-gen -i vale0:a -f tx
  $ node-netmap run --device engine -- bridge -i vale0:a -i vale1:a
`,
    )
    .action(run);
}

async function run(name: string, args: readonly string[], { device }: { device?: DeviceKind }): Promise<void> {
  const program = find(name);
  if (program === undefined) return;
  const env = { ...process.env };
  if (chosen(device, name) === 'engine') {
    if (isStatic(head(program))) {
      process.stderr.write(
        `node-netmap: ${name} is statically linked: libraries cannot be preloaded into it, so it will not see the ` +
          `engine. Link it dynamically, or load the netmap kernel module\n`,
      );
    }
    env.NODE_NETMAP_DEVICE = 'engine';
    env.LD_PRELOAD = [preloadLibrary(), process.env.LD_PRELOAD].filter(Boolean).join(':');
  }
  const { code, signal } = await runToEnd(program, name, args, env);
  if (signal) {
    // Those who wait for us shall see what the program died of.
    for (const each of PASSED_ON) process.removeAllListeners(each);
    process.kill(process.pid, signal);
    process.exitCode = 128 + osConstants.signals[signal];
  } else {
    process.exitCode = code ?? 1;
  }
}

/** The device that the program is to have. Nothing stays open. */
function chosen(wanted: DeviceKind | undefined, label: string): DeviceKind {
  const insisted = wanted ?? deviceFromEnvironment();
  if (process.platform !== 'linux' && insisted !== 'kernel') {
    if (existsSync('/dev/netmap')) return 'kernel';
    throw new NetmapError(
      `running '${label}' on the engine needs Linux; on ${process.platform} programs run on the netmap kernel module`,
      { code: 'ERR_NETMAP_DEVICE', hint: 'load the netmap kernel module' },
    );
  }
  const { native, device } = openDevice(insisted, label);
  native.close();
  return device;
}

/** The program's file, found as a shell finds it; if there is none, says so and sets the exit code. */
function find(name: string): string | undefined {
  const places = name.includes('/')
    ? [resolve(name)]
    : (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder || '.', name));
  let denied = '';
  for (const place of places) {
    try {
      if (!statSync(place).isFile()) continue;
      accessSync(place, constants.X_OK);
      return place;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EACCES') denied ||= place;
    }
  }
  // The exit codes are a shell's.
  const [code, reason] = denied
    ? [126, `${denied} may not be executed`]
    : [127, `program '${name}' not found${name.includes('/') ? '' : ' in the folders of PATH'}`];
  process.stderr.write(`node-netmap: ${reason}\n`);
  process.exitCode = code;
  return undefined;
}

function head(path: string): Buffer {
  const buffer = Buffer.alloc(HEADER_BYTES);
  try {
    const fd = openSync(path, 'r');
    try {
      return buffer.subarray(0, readSync(fd, buffer, 0, HEADER_BYTES, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return buffer.subarray(0, 0); // executable but not readable: nothing to warn of
  }
}

function preloadLibrary(): string {
  const root = join(__dirname, '../..');
  for (const folder of ['build/Release', 'build/Debug']) {
    const path = join(root, folder, 'node_netmap_preload.node');
    if (!existsSync(path)) continue;
    if (!/[ :]/.test(realpathSync(path))) return realpathSync(path);
    throw new NetmapError(`the dynamic linker cannot preload ${path}: its path has a blank or a colon in it`, {
      code: 'ERR_NETMAP_ADDON',
      hint: 'install node-netmap in another folder',
    });
  }
  throw new NetmapError('the preload library of node-netmap has not been built', {
    code: 'ERR_NETMAP_ADDON',
    hint: 'build it with "npm rebuild node-netmap" (or "npm run build" in a checkout of the repository)',
  });
}

function runToEnd(
  program: string,
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  // Before the program is there: it may send us one at once. None is looked at before the next turn of the loop.
  for (const signal of PASSED_ON) {
    // A terminal sends Ctrl-C to the whole group: the program has it already then, and twice may mean something else.
    process.on(signal, () => {
      if (!(process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT' || signal === 'SIGWINCH'))) {
        child.kill(signal);
      }
    });
  }
  const child = spawn(program, args, { stdio: 'inherit', env, argv0: name });
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('exit', (code, signal) => done({ code, signal }));
  });
}
