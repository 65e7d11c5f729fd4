import { CommanderError, Option, type Command } from 'commander';
import { fileName, positive, whole } from './arguments';
import { controlEmulator } from './emulate/control';
import { addLinkOptions, type LinkWords } from './emulate/link-options';
import { emulateOffline } from './emulate/offline';
import { emulateOnline } from './emulate/online';
import { parseFilter } from './filter';
import { addCommon, addRun, type RunOptions } from './options';

/** All options of `emulate`. */
export interface EmulateOptions extends RunOptions, LinkWords {
  config?: string;
  seed?: number;
  offline?: boolean;
  inside?: string;
  control?: string;
  name?: string;
  threads?: number;
  spin?: boolean;
  cores?: number[];
  realtime?: number;
  copy?: boolean;
  drain?: boolean;
  log?: string;
  duration?: number;
  memory?: number;
  at?: string[];
}

/** Options that only one of the two modes has. */
const ONLINE = ['name', 'threads', 'spin', 'cores', 'realtime', 'copy', 'drain', 'duration'] as const;
const OFFLINE = ['inside'] as const;

export function addEmulate(program: Command): void {
  const command = program
    .command('emulate')
    .description("emulate links between two ports, or in a capture: dummynet's pipes behind ipfw's rules")
    .argument(
      '[A]',
      'port of the inside: frames from it are "out", frames to it "in"; with --offline the capture to read',
    )
    .argument('[B]', 'port of the outside; with --offline the capture to write: .pcap or .pcapng, perhaps with .gz')
    .argument('[WORDS...]', 'with --control: a command')
    .option(
      '-c, --config <FILE>',
      "commands of dummynet and ipfw, one a line (with or without the word 'ipfw')",
      fileName,
    );
  addLinkOptions(command)
    .option(
      '--at <COMMAND>',
      "a command for later, several times: --at '10s pipe 1 change plr 1' --at '12s pipe 1 change plr 0'",
      (text: string, all: string[] = []) => [...all, text],
    )
    .option('--log <FILE>', 'capture of what rules with "log" match (default: a line for each)', fileName)
    .option('--seed <N>', 'of all random decisions; default: 1', whole(0))
    .option('--offline', 'read the capture A and write B, on a virtual clock: the same each time')
    .option(
      '--inside <CONDITION>',
      "with --offline: packets that come from the inside, e.g. 'src-ip 10.0.0.0/8' (default: all)",
      parseFilter,
    )
    .option(
      '--control <NAME>',
      'give a command to an emulator that runs: --control NAME show, stats, pipe 1 change ...',
    )
    .option('--name <NAME>', 'what --control calls this one; default: made of the name of port A')
    .addOption(
      new Option('--threads <N>', '2: one for each direction, which then share no link').argParser(whole(1, 2)),
    )
    .option('--spin', 'look for packets all the time: exact to microseconds, and costs a core')
    .option('--cores <LIST>', 'cores to run on, one for each thread: 2 or 2,3', cores)
    .option(
      '--realtime <PRIORITY>',
      'real-time priority, 1 to 99: nobody takes the cores away (needs CAP_SYS_NICE)',
      whole(1, 99),
    )
    .option('--copy', 'copy even where buffers could be exchanged')
    .option('--drain', 'at the end let everything out that is inside, instead of dropping it')
    .option('--memory <BYTES>', 'for packets that wait; default: 1 GiB', whole(1 << 20))
    .option('--duration <S>', 'seconds until the end (default: none)', positive('seconds'));
  addCommon(addRun(command), [
    'emulate vale0:a vale1:b --bandwidth 10Mbit/s --delay 20ms --loss 0.1%',
    'emulate vale0:a vale1:b --bandwidth 1Mbit/s --bandwidth 16Mbit/s --delay 15ms   (out, then in)',
    'emulate vale0:a vale1:b --preset 3g --loss 1%',
    'emulate vale0:a vale1:b -c link.conf --name home',
    "emulate vale0:a vale1:b --delay 20ms --at '10s pipe 1 change plr 1' --at '12s pipe 1 change plr 0'",
    'emulate --control home pipe 1 change bw 2Mbit/s',
    'emulate --control home show',
    'emulate --offline in.pcap out.pcap --delay 40ms --jitter 5ms --seed 7',
  ]);
  // What ipfw's own commands have, as in `-a list`.
  command.on('option:control', () => command.allowUnknownOption());
  command.action((a: string | undefined, b: string | undefined, words: string[], options: EmulateOptions) => {
    if (options.control !== undefined)
      return controlEmulator(
        [a, b, ...words].filter((x) => x !== undefined),
        options,
        command,
      );
    if (!a || !b || words.length > 0) {
      throw usage('give two ports, or --offline and two files, or --control NAME and a command');
    }
    const [mode, others] = options.offline ? ['--offline', ONLINE] : ['two ports', OFFLINE];
    const odd = others.find((name) => options[name] !== undefined);
    if (odd !== undefined) throw usage(`--${odd} does not go with ${mode}`);
    return options.offline ? emulateOffline(a, b, options) : emulateOnline(a, b, options);
  });
}

/** An error about the command line, shown as commander's own. */
function usage(problem: string): CommanderError {
  process.stderr.write(`node-netmap: ${problem}\n(--help shows how it is used)\n`);
  return new CommanderError(2, 'emulate.usage', problem);
}

function cores(text: string): number[] {
  return text.split(',').map(whole(0, 1023));
}
