import { Option, type Command } from 'commander';
import { Replayer, type ReplayerStats } from '../apps';
import { open } from '../open';
import type { Port } from '../port';
import { fileName, portName, positive, whole } from './arguments';
import { describeTraffic } from './describe';
import { count } from './format';
import { describeLosses, senderLosses } from './losses';
import { addCommon, addRun, type RunOptions } from './options';
import { runTool } from './tool';

interface ReplayOptions extends RunOptions {
  speed?: number;
  topSpeed?: boolean;
  loop: number;
  to?: string;
}

export function addReplay(program: Command): void {
  const command = program
    .command('replay')
    .description('send the packets of a capture file, with its own timing unless told otherwise')
    .argument('<FILE>', 'pcap or pcapng file', fileName)
    .argument('<PORT>', 'port to send by', portName)
    .addOption(
      new Option('--speed <X>', 'so many times as fast as captured (default: 1)')
        .argParser(positive('a factor'))
        .conflicts('topSpeed'),
    )
    .option('--top-speed', 'as fast as possible')
    .option('--loop <N>', 'how often the file is sent, 0 = for ever', whole(0), 1)
    .option(
      '--to <PORT>',
      'a port of the same switch that is to get every packet, wherever its address lives',
      portName,
    );
  addCommon(addRun(command), [
    'replay file.pcap vale0:a',
    'replay file.pcapng vale0:a --speed 10 --loop 0',
    'replay file.pcap vale0:a --to vale0:c',
    'replay file.pcap netmap:eth0 --top-speed --json',
  ]).action(replay);
}

async function replay(file: string, name: string, options: ReplayOptions, command: Command): Promise<void> {
  const { speed = options.topSpeed ? Infinity : 1, loop, to, device } = options;
  if (to !== undefined && (switchOf(to) === undefined || switchOf(to) !== switchOf(name))) {
    command.error(
      `error: option '--to <PORT>' argument '${to}' is invalid. It must be a port of the switch of ${name}.`,
    );
  }
  let target: Port | undefined;
  await runTool(
    {
      command: 'replay',
      direction: 'tx',
      make: (port: Port) => {
        target = to === undefined ? undefined : open(to, { device, txOnly: true });
        return new Replayer(port, file, { speed, loop, to: target });
      },
      close: () => target?.close(),
      extra: senderLosses,
      describe: (stats, port) =>
        `${describeTraffic('sent', stats)}, from ${file}` +
        describeSkipped(stats) +
        describeLosses(port, stats.pending),
    },
    name,
    options,
  );
}

/** Name of the switch that a port is on, if it is on one. */
function switchOf(name: string): string | undefined {
  return /^vale[^:]*(?=:)/.exec(name)?.[0];
}

function describeSkipped({ skipped, cut }: ReplayerStats): string {
  let text = '';
  if (skipped) text += `\nskipped ${count(skipped, 'packet')}: too long for the port, empty, or not Ethernet`;
  if (cut)
    text += `\n${count(cut, 'packet')} had been cut when they were captured, and were sent as they are in the file`;
  return text;
}
