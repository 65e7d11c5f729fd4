import type { Command } from 'commander';
import { Sink, type SinkStats } from '../apps';
import type { Port } from '../port';
import { portName, positive, whole } from './arguments';
import { describeTraffic } from './describe';
import { count, percent } from './format';
import { addCommon, addRun, type RunOptions } from './options';
import { runTool } from './tool';

interface SinkCommandOptions extends RunOptions {
  count?: number;
  timeout?: number;
  duration?: number;
  check?: boolean;
}

export function addSink(program: Command): void {
  const command = program
    .command('sink')
    .description('receive packets and count them')
    .argument('<PORT>', 'port to receive by', portName)
    .option('--count <N>', 'packets to receive (default: no end)', whole(1))
    .option('--timeout <S>', 'end after so many seconds without a packet', positive('seconds'))
    .option('--duration <S>', 'seconds until the end (default: none)', positive('seconds'))
    .option('--check', 'verify checksums and sequence numbers: lost, reordered, duplicated, corrupt');
  addCommon(addRun(command), [
    'sink vale0:b',
    'sink vale0:b --check --timeout 2',
    "sink 'netmap:p}1' --count 1M --json",
  ]).action(sink);
}

async function sink(name: string, options: SinkCommandOptions): Promise<void> {
  const { count, timeout, duration, check } = options;
  await runTool(
    {
      command: 'sink',
      direction: 'rx',
      make: (port: Port) => new Sink(port, { count, timeout, duration, check }),
      describe: (stats) => describeTraffic('received', stats) + describeDropped(stats) + describeCheck(stats),
    },
    name,
    options,
  );
}

/** What did not fit; nothing where the device does not tell. */
export function describeDropped({ packets, dropped }: Pick<SinkStats, 'packets' | 'dropped'>): string {
  if (dropped === null) return '';
  return `\ndropped ${count(dropped, 'packet')} (${percent(dropped, packets + dropped)})`;
}

function describeCheck({ lost, reordered, duplicated, corrupt, unnumbered, streams }: SinkStats): string {
  if (lost === undefined) return '';
  const counts = `lost ${lost}, reordered ${reordered}, duplicated ${duplicated}, corrupt ${corrupt}`;
  const others = unnumbered ? `; ${count(unnumbered, 'packet')} without a sequence number` : '';
  return `\nchecked: ${counts} (${count(streams ?? 0, 'generator')})${others}`;
}
