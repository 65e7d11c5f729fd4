import { Option, type Command } from 'commander';
import type { App, BridgeStats } from '../apps';
import { Bridge } from '../apps/bridge';
import { bridgeWorkers } from '../apps/bridge/workers';
import { loadHooks } from '../apps/bridge/hook-file';
import { NetmapError } from '../errors';
import type { DeviceKind } from '../native';
import { open } from '../open';
import type { Port } from '../port';
import { fileName, portName, positive, whole } from './arguments';
import { describeTraffic } from './describe';
import { addLoggingFilter, filterOf, openFilter, warnOfSilentLog, type FilterOptions, type OpenFilter } from './filter';
import { count } from './format';
import { addCommon, addRun, type RunOptions } from './options';
import { runTool } from './tool';

interface BridgeCommandOptions extends RunOptions, FilterOptions {
  hook?: string;
  oneWay?: boolean;
  copy?: boolean;
  count?: number;
  timeout?: number;
  duration?: number;
  threads?: boolean;
}

export function addBridge(program: Command): void {
  const command = program
    .command('bridge')
    .description('forward packets between two ports, both ways; without a copy where both use one memory region')
    .argument('<PORT>', 'a port', portName)
    .argument('[OTHER]', "another one (default: the host's rings of the first)", portName)
    .addOption(
      new Option(
        '--hook <FILE>',
        'module whose default export sees each packet, may change it, and drops it by `false`',
      )
        .argParser(fileName)
        .conflicts(['filter', 'filterFile']),
    )
    .option('--one-way', 'only from the first port to the other one')
    .option('--copy', 'copy even where buffers could change places')
    .option('--timeout <S>', 'end after so many seconds without a packet', positive('seconds'))
    .option('--duration <S>', 'seconds until the end (default: none)', positive('seconds'))
    .option('--count <N>', 'packets to forward (default: no end)', whole(1))
    .addOption(new Option('--threads', 'a worker thread for each ring').conflicts('count'));
  addCommon(addRun(addLoggingFilter(command)), [
    'bridge vale0:a vale1:a',
    'bridge netmap:eth0 netmap:eth1 --threads',
    'bridge netmap:eth0 --hook ./filter.mjs',
    "bridge vale0:a vale1:a --filter 'not dst-port 22'",
    "bridge 'netmap:p{1' 'netmap:p{2' --one-way --json",
  ]).action(bridge);
}

async function bridge(name: string, otherName: string | undefined, options: BridgeCommandOptions): Promise<void> {
  const { hook, oneWay, copy, count, timeout, duration, device, threads } = options;
  const hooks = hook === undefined ? undefined : await loadHooks(hook);
  const second = otherName ?? `${name}^`;
  const wanted = { oneWay, copy, count, timeout, duration };
  let filter: OpenFilter | undefined;
  let other: Port | undefined;
  await runTool(
    {
      command: 'bridge',
      direction: 'rx',
      make: (port, output): App<BridgeStats> => {
        other = otherName === undefined ? openHost(name, device) : open(otherName, { device });
        if (threads) {
          const text = filterOf(options);
          warnOfSilentLog(text, 'with --threads: each thread has rules of its own', output);
          return bridgeWorkers(port, other, { ...wanted, filter: text, hookFile: hook });
        }
        filter = openFilter(options, output);
        return new Bridge(port, other, { ...wanted, filter: filter?.rules, hook: hooks });
      },
      close: () => {
        filter?.close();
        other?.close();
      },
      extra: () => ({ other: second }),
      describe: (stats) => describeTraffic('forwarded', stats) + describeLanes(stats) + describeLeft(stats),
    },
    name,
    options,
  );
}

/** The rings of the host behind a card; what has none needs another port by name. */
function openHost(name: string, device: DeviceKind | undefined): Port {
  try {
    return open(`${name}^`, { device });
  } catch (cause) {
    if ((cause as NetmapError).code !== 'EINVAL') throw cause;
    const hint = `name the other port as well, for example: bridge ${name} vale1:a`;
    throw new NetmapError(`${name} has no host rings to bridge it with; ${hint}`, { code: 'ERR_NETMAP_NAME', hint });
  }
}

function describeLanes({ zeroCopy, directions = [] }: Partial<BridgeStats>): string {
  const lanes = directions.map(({ from, to, packets }) => `\n${from} -> ${to}: ${count(packets, 'packet')}`).join('');
  return `${zeroCopy ? ', without a copy' : ', by copying'}${lanes}`;
}

function describeLeft({ refused, skipped }: BridgeStats): string {
  const dropped = refused ? `\ndropped by hook or filter: ${count(refused, 'packet')}` : '';
  return dropped + (skipped ? `\n${count(skipped, 'packet')} were too long for the other port` : '');
}
