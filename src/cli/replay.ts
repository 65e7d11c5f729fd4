import { Option, type Command } from 'commander';
import type { AddressMap, ReplayOptions, ReplayStats, Rewrite } from '../apps';
import { Replay } from '../apps/replay';
import { parseRate } from '../apps/generator/rate';
import { open } from '../open';
import type { Port } from '../port';
import { ipPairs, macPairs } from './address-pairs';
import { fileName, mac, portName, positive, rate, whole } from './arguments';
import { describeTraffic } from './describe';
import { addFilter, filterOf, warnOfSilentLog, type FilterOptions } from './filter';
import { count } from './format';
import { describeLosses, senderLosses } from './losses';
import { addCommon, addRun, type RunOptions } from './options';
import { describeHistograms, histogramFields, SENDER_TITLES } from './percentiles';
import { runTool } from './tool';

interface ReplayCommandOptions extends RunOptions, FilterOptions {
  speed?: number;
  topSpeed?: boolean;
  rate?: string;
  line?: string;
  loop: number;
  count?: number;
  duration?: number;
  maxGap?: number;
  preload?: boolean;
  sleep?: boolean;
  batch?: number;
  srcMac?: string;
  dstMac?: string;
  mapMac?: AddressMap;
  mapIp?: AddressMap;
  mapSrcIp?: AddressMap;
  mapDstIp?: AddressMap;
  to?: string;
}

export function addReplay(program: Command): void {
  const command = program
    .command('replay')
    .description('send the packets of a capture file, with its own timing unless told otherwise')
    .argument('<FILE>', 'pcap or pcapng file, gzip\'ed or not; "-" = standard input', fileName)
    .argument('<PORT>', 'port to send by', portName)
    .addOption(
      new Option('--speed <X>', 'so many times as fast as captured (default: 1)')
        .argParser(positive('a factor'))
        .conflicts(['topSpeed', 'rate']),
    )
    .addOption(new Option('--top-speed', 'as fast as possible').conflicts('rate'))
    .option(
      '--rate <R>',
      'a constant rate instead: packets per second (100k, 1.5Mpps), bits per second on the wire (2.5Gbps), or 40% of --line',
      rate,
    )
    .option('--line <R>', 'what percents of the rate are of (default: 10Gbps)', rate)
    .option('--loop <N>', 'how often the file is sent, 0 = for ever', whole(0), 1)
    .option('--count <N>', 'packets to send (default: all)', whole(1))
    .option('--duration <S>', 'seconds until the end (default: none)', positive('seconds'))
    .option('--max-gap <S>', 'cut longer silences of the capture to so many seconds', positive('seconds'))
    .option('--preload', 'read all of it into memory first (default: small files that are not compressed)')
    .option('--no-preload', 'read it while it is sent')
    .option('--sleep', 'sleep between packets instead of looking at the clock: takes little of a core, is less exact')
    .option('--batch <N>', 'most packets handed over at once (default: 512)', whole(1, 65536))
    .option('--src-mac <MAC>', 'MAC address from which all packets come', mac)
    .option('--dst-mac <MAC>', 'MAC address to which all packets go', mac)
    .option('--map-mac <FROM=TO>', 'a MAC address that becomes another one, several times', macPairs)
    .option('--map-ip <FROM=TO>', 'an IP address or network that becomes another one, several times', ipPairs)
    .option('--map-src-ip <FROM=TO>', 'the same, for sources only', ipPairs)
    .option('--map-dst-ip <FROM=TO>', 'the same, for destinations only', ipPairs)
    .option(
      '--to <PORT>',
      'a port of the same switch that is to get every packet, wherever its address lives',
      portName,
    );
  addCommon(addRun(addFilter(command)), [
    'replay file.pcap vale0:a',
    'replay file.pcapng.gz vale0:a --speed 10 --loop 0',
    'replay file.pcap vale0:a --rate 1Gbps --loop 100',
    'replay file.pcap vale0:a --to vale0:c',
    "replay file.pcap vale0:a --filter 'udp dst-port 53'",
    'replay file.pcap vale0:a --map-ip 10.0.0.0/8=192.168.0.0/16 --dst-mac 02:00:00:00:00:09',
    'replay file.pcap netmap:eth0 --top-speed --json',
  ]).action(replay);
}

async function replay(file: string, name: string, options: ReplayCommandOptions, command: Command): Promise<void> {
  const { to, device } = options;
  if (to !== undefined && (switchOf(to) === undefined || switchOf(to) !== switchOf(name))) {
    command.error(
      `error: option '--to <PORT>' argument '${to}' is invalid. It must be a port of the switch of ${name}.`,
    );
  }
  let target: Port | undefined;
  let app: Replay | undefined;
  await runTool(
    {
      command: 'replay',
      direction: 'tx',
      make: (port, output) => {
        warnOfSilentLog(filterOf(options), 'by replay: see it at the other end, as in: sink --filter', output);
        target = to === undefined ? undefined : open(to, { device, txOnly: true });
        return (app = new Replay(port, { file, to: target, ...replayOptions(options) }));
      },
      close: () => target?.close(),
      extra: (port) => ({ ...senderLosses(port), ...histogramFields(app!.details()) }),
      describe: (stats, port) =>
        `${describeTraffic('sent', stats)}, from ${file}` +
        describeHistograms(app!.details(), SENDER_TITLES) +
        (stats.givenUp > 0 ? `\ntoo slow for the plan: shifted it by ${stats.givenUp.toFixed(1)} s` : '') +
        describeSkipped(stats) +
        describeLosses(port, stats.pending),
    },
    name,
    options,
  );
}

function replayOptions(options: ReplayCommandOptions): Omit<ReplayOptions, 'file'> {
  const { speed, topSpeed, rate, line, loop, count, duration, maxGap, preload, batch, sleep } = options;
  const { srcMac, dstMac, mapMac: macs, mapIp: ips, mapSrcIp: srcIps, mapDstIp: dstIps } = options;
  const rewrite: Rewrite = { srcMac, dstMac, macs, ips, srcIps, dstIps };
  return {
    ...{ loop, count, duration, maxGap, preload, batch, rate },
    speed: topSpeed ? Infinity : speed,
    line: line === undefined ? undefined : parseRate(line, 0).value,
    wait: sleep ? 'sleep' : 'spin',
    filter: filterOf(options),
    rewrite: Object.values(rewrite).some((value) => value !== undefined) ? rewrite : undefined,
  };
}

/** Name of the switch that a port is on, if it is on one. */
function switchOf(name: string): string | undefined {
  return /^vale[^:]*(?=:)/.exec(name)?.[0];
}

function describeSkipped({ skipped, refused, cut }: ReplayStats): string {
  let text = '';
  if (refused) text += `\nleft out by the filter: ${count(refused, 'packet')}`;
  if (skipped) text += `\nskipped ${count(skipped, 'packet')}: too long for the port, empty, or not Ethernet`;
  if (cut)
    text += `\n${count(cut, 'packet')} had been cut when they were captured, and were sent as they are in the file`;
  return text;
}
