import { InvalidArgumentError, type Command } from 'commander';
import type { Consumer, DistributorStats, WhenFull } from '../apps';
import { Distributor } from '../apps/distributor';
import { open } from '../open';
import type { Port } from '../port';
import { portName, positive, whole } from './arguments';
import { describeTraffic } from './describe';
import { count, percent } from './format';
import { addCommon, addRun, type RunOptions } from './options';
import { describeDropped } from './sink';
import { runTool } from './tool';

/** `[NAME:]N[:block]` of the command line. */
interface Group {
  name: string | undefined;
  size: number;
  full: WhenFull;
}

interface DistributeOptions extends RunOptions {
  pipes?: Group[];
  block?: boolean;
  count?: number;
  timeout?: number;
  duration?: number;
}

/** The most that NODE_NETMAP_PIPES may say. */
const MOST_ROOM = 64;

export function addDistribute(program: Command): void {
  const command = program
    .command('distribute')
    .description(
      'deal packets out to several consumers, flow by flow, so that they share the load of a port (as lb(8) does)',
    )
    .argument('<PORT>', 'port to receive by', portName)
    .argument('[CONSUMERS...]', 'ports to send by, instead of --pipes', portNames)
    .option(
      '--pipes <[NAME:]N[:block]>',
      'so many pipes of the port (or of NAME), numbered from 0: consumers open PORT}0, PORT}1, ...; several times: groups, each of ' +
        'which gets every packet (default: 2)',
      groups,
    )
    .option('--block', 'wait for a consumer that has no room, instead of dropping what is for it')
    .option('--count <N>', 'packets to deal out (default: no end)', whole(1))
    .option('--timeout <S>', 'end after so many seconds without a packet', positive('seconds'))
    .option('--duration <S>', 'seconds until the end (default: none)', positive('seconds'));
  addCommon(addRun(command), [
    'distribute vale0:a --pipes 4                 # consumers: sink vale0:a}0, sink vale0:a}1, ...',
    'distribute netmap:eth0 --pipes 3 --pipes dump:1:block',
    "distribute vale0:a 'netmap:x{1' 'netmap:y{1'",
  ]).action(distribute);
}

async function distribute(
  name: string,
  consumers: string[],
  options: DistributeOptions,
  command: Command,
): Promise<void> {
  if (consumers.length > 0 && options.pipes) {
    command.error("error: option '--pipes' cannot be used with argument '[CONSUMERS...]'");
  }
  const { block, count, timeout, duration, device } = options;
  if (consumers.length === 0) makeRoom(options.pipes);
  const opened: Port[] = [];
  const openOne = (consumer: string) => {
    const port = open(consumer, { device });
    opened.push(port);
    return port;
  };
  await runTool(
    {
      command: 'distribute',
      direction: 'rx',
      make: (port: Port) => {
        const to: Consumer[][] =
          consumers.length > 0
            ? [consumers.map(openOne)]
            : pipeNames(port, options.pipes).map(({ names, full }) =>
                names.map((each) => ({ port: openOne(each), full })),
              );
        return new Distributor(port, to, { full: block ? 'block' : 'drop', count, timeout, duration });
      },
      close: () => opened.forEach((port) => port.close()),
      describe: (stats) => describeTraffic('dealt out', stats) + describeDropped(stats) + describeConsumers(stats),
    },
    name,
    options,
  );
}

/** The engine makes memory for a few pipes of a port, unless the process that opens it says that there will be more. */
function makeRoom(groups: readonly Group[] = []): void {
  const pipes = groups.reduce((sum, { size }) => sum + size, 0);
  if (pipes > 2) process.env.NODE_NETMAP_PIPES ??= String(Math.min(pipes, MOST_ROOM));
}

/** Names of the near ends of all pipes. Groups of one name are numbered on. */
function pipeNames(port: Port, groups: readonly Group[] = [{ name: undefined, size: 2, full: 'drop' }]) {
  const next = new Map<string, number>();
  // What follows the name proper says which rings are open, or how they are made: pipes have their own.
  const own = port.name.replace(/[-^*/@].*$/, '');
  return groups.map(({ name, size, full }) => {
    const base = name === undefined ? own : /:/.test(name) ? name : `netmap:${name}`;
    const first = next.get(base) ?? 0;
    next.set(base, first + size);
    return {
      names: Array.from({ length: size }, (_, k) => `${base}{${first + k}`),
      full: full === 'block' ? full : undefined,
    };
  });
}

function portNames(text: string, before: string[] = []): string[] {
  return [...before, portName(text)];
}

function groups(text: string, before: Group[] = []): Group[] {
  const parts = /^(?:(.+?):)?(\d{1,4})(:block|:drop)?$/.exec(text);
  const size = parts ? Number(parts[2]) : 0;
  if (!parts || size < 1 || size > 1024) {
    throw new InvalidArgumentError(
      'It must be a number of pipes from 1 to 1024, perhaps with a name: 4, dump:1, dump:1:block.',
    );
  }
  return [...before, { name: parts[1], size, full: parts[3] === ':block' ? 'block' : 'drop' }];
}

function describeConsumers({ consumers, packets }: DistributorStats): string {
  return consumers
    .map(({ port, zeroCopy, packets: got, dropped }) => {
      const lost = dropped ? `, missed ${count(dropped, 'packet')}` : '';
      return `\n  ${percent(got, packets).padStart(8)}  ${port}: ${count(got, 'packet')}${lost}${zeroCopy ? '' : ' (copied)'}`;
    })
    .join('');
}
