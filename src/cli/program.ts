import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/* eslint-disable @typescript-eslint/no-require-imports -- a command is loaded when it is asked for: half of a start was the others */
/** Where each command is, in the order in which they are listed. */
const COMMANDS: Readonly<Record<string, () => (program: Command) => void>> = {
  generate: () => (require('./generate') as typeof import('./generate')).addGenerate,
  sink: () => (require('./sink') as typeof import('./sink')).addSink,
  ping: () => (require('./ping') as typeof import('./ping')).addPing,
  pong: () => (require('./pong') as typeof import('./pong')).addPong,
  replay: () => (require('./replay') as typeof import('./replay')).addReplay,
  capture: () => (require('./capture') as typeof import('./capture')).addCapture,
  emulate: () => (require('./emulate') as typeof import('./emulate')).addEmulate,
  bridge: () => (require('./bridge') as typeof import('./bridge')).addBridge,
  distribute: () => (require('./distribute') as typeof import('./distribute')).addDistribute,
  top: () => (require('./top') as typeof import('./top')).addTop,
  ports: () => (require('./ports') as typeof import('./ports')).addPorts,
  probe: () => (require('./probe') as typeof import('./probe')).addProbe,
  run: () => (require('./run') as typeof import('./run')).addRun,
  'pkt-gen': () => (require('./pkt-gen') as typeof import('./pkt-gen')).addPktGen,
};
/* eslint-enable @typescript-eslint/no-require-imports */

/** The command line, without a command run yet: only the one of that name, if there is one, else all of them, as help has them. */
export function makeProgram(name: string | undefined): Command {
  const program = new Command('node-netmap')
    .description('Packet tools on netmap: on its kernel module, or on the engine that comes along')
    .version(version(), '-V, --version')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'node-netmap: ')) })
    .showHelpAfterError('(--help shows how it is used)')
    .helpCommand(false)
    .enablePositionalOptions(); // what follows the program of `run` is the program's
  const wanted = name !== undefined && Object.hasOwn(COMMANDS, name) ? [name] : Object.keys(COMMANDS);
  for (const each of wanted) COMMANDS[each]()(program);
  program.addHelpText(
    'after',
    `
PORT is a netmap port name: vale0:a (port a of the switch vale0), netmap:p{1 and netmap:p}1 (the ends of a pipe),
netmap:eth0 (a network card, on the kernel), null: (takes everything, delivers nothing).

Examples, in two terminals:
  $ node-netmap sink vale0:b
  $ node-netmap generate vale0:a --duration 5
`,
  );
  return program;
}

function version(): string {
  const manifest = readFileSync(join(__dirname, '../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
