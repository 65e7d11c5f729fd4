import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addBridge } from './bridge';
import { addCapture } from './capture';
import { addDistribute } from './distribute';
import { addEmulate } from './emulate';
import { addGenerate } from './generate';
import { addPing } from './ping';
import { addPktGen } from './pkt-gen';
import { addPorts } from './ports';
import { addProbe } from './probe';
import { addReplay } from './replay';
import { addRun } from './run';
import { addSink } from './sink';
import { addTop } from './top';

/** The command line, without a command run yet. */
export function makeProgram(): Command {
  const program = new Command('node-netmap')
    .description('Packet tools on netmap: on its kernel module, or on the engine that comes along')
    .version(version(), '-V, --version')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'node-netmap: ')) })
    .showHelpAfterError('(--help shows how it is used)')
    .helpCommand(false)
    .enablePositionalOptions(); // what follows the program of `run` is the program's
  addGenerate(program);
  addSink(program);
  addPing(program);
  addReplay(program);
  addCapture(program);
  addEmulate(program);
  addBridge(program);
  addDistribute(program);
  addTop(program);
  addPorts(program);
  addProbe(program);
  addRun(program);
  addPktGen(program);
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
