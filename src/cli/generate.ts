import { Option, type Command } from 'commander';
import { randomInt } from 'node:crypto';
import type { App, GeneratorOptions, GeneratorStats } from '../apps';
import { Generator, readFrames } from '../apps/generator';
import { Workers } from '../apps/workers';
import { outOfRange } from '../check';
import type { Port } from '../port';
import { assignments, fileName, ip, mac, portName, positive, rate, whole } from './arguments';
import { describeTraffic } from './describe';
import { describeLosses, senderLosses } from './losses';
import { addCommon, addRun, type RunOptions } from './options';
import { describeHistograms, histogramFields, SENDER_TITLES } from './percentiles';
import { runTool } from './tool';
import { LINE, parseRate } from '../apps/generator/rate';

interface GenerateOptions extends RunOptions {
  count?: number;
  length?: number;
  rate?: string;
  duration?: number;
  batch: number;
  dstMac?: string;
  srcMac?: string;
  dstIp?: string;
  srcIp?: string;
  dstPort?: number;
  srcPort?: number;
  vlan?: number;
  vary?: Record<string, string>;
  flows?: number;
  imix?: boolean;
  template?: string;
  line?: string;
  poisson?: boolean;
  burst?: number;
  sleep?: boolean;
  timestamps?: boolean;
  fragment?: number;
  seed?: number;
  rings?: boolean;
  threads?: number;
}

/** Longest frame with one IPv4 packet in it. */
const MAX_LENGTH = 65549;

export function addGenerate(program: Command): void {
  const command = program
    .command('generate')
    .description('make packets and send them, as fast as possible or at a rate; they carry numbers for `sink --check`')
    .argument('<PORT>', 'port to send by', portName)
    .option('--count <N>', 'packets to send (default: no end)', whole(1))
    .option('--length <L>', 'bytes of each frame, without its CRC (default: 60)', whole(42, MAX_LENGTH))
    .option(
      '--rate <R>',
      'packets per second (100k, 1.5Mpps), bits per second on the wire (2.5Gbps), or 40% of --line (default: all it can)',
      rate,
    )
    .option('--line <R>', 'what percents of the rate are of (default: 10Gbps)', rate)
    .option('--poisson', 'at random times with that rate on average, instead of evenly')
    .option('--burst <N>', 'packets that come at once; the rate stays', whole(1, 65536))
    .option(
      '--sleep',
      'sleep between packets instead of looking at the clock: takes little of a core, and is less exact',
    )
    .option('--duration <S>', 'seconds until the end (default: none)', positive('seconds'))
    .option('--batch <N>', 'most packets handed over at once', whole(1, 65536), 512)
    .option('--dst-mac <MAC>', 'destination MAC address (default: broadcast)', mac)
    .option('--src-mac <MAC>', 'source MAC address (default: 02:00:00:00:00:01)', mac)
    .option('--dst-ip <IP>', 'destination IP address (default: 10.1.0.1)', ip)
    .option('--src-ip <IP>', 'source IP address (default: 10.0.0.1)', ip)
    .option('--dst-port <P>', 'destination port (default: 1234)', whole(0, 65535))
    .option('--src-port <P>', 'source port (default: 1234)', whole(0, 65535))
    .option('--vlan <ID>', 'VLAN of the frames (default: untagged)', whole(0, 4095))
    .option(
      '--vary <FIELD=VALUES>',
      'a header field that differs from packet to packet, several times: srcIp=10.0.0.1-10.0.0.254, dstIp=10.1.0.0/16, ' +
        'dstPort=80,443, srcPort=random:1024-65535, srcIp=flow:10.0.0.0/16, dstPort=nested:1-10',
      assignments,
    )
    .option('--flows <N>', 'number of flows', whole(1, 0xffffffff))
    .option('--seed <N>', 'what everything random begins with (default: 1)', whole(0))
    .addOption(new Option('--imix', 'frames of 60, 590 and 1514 bytes, 7 to 4 to 1').conflicts(['length', 'template']))
    .addOption(
      new Option('--template <FILE>', 'send the frames of a capture in turn instead')
        .argParser(fileName)
        .conflicts('length'),
    )
    .option('--fragment <N>', 'most bytes of a frame in one slot (default: as many as fit)', whole(1, 65535))
    .option('--timestamps', 'let packets carry the time, for `sink --latency`')
    .addOption(new Option('--rings', 'use all tx rings in turn').conflicts('threads'))
    .option(
      '--threads <N>',
      'worker threads, each with a tx ring of its own; count and rate are divided among them (default: no thread, ring 0)',
      whole(1, 1024),
    );
  addCommon(addRun(command), [
    'generate vale0:a',
    'generate vale0:a --rate 10k --duration 60',
    'generate vale0:a --rate 1Gbps --imix --poisson',
    'generate vale0:a --vary srcIp=10.0.0.0/16 --vary srcPort=random:1024-65535',
    'generate netmap:eth0 --count 1M --length 1514 --dst-mac 02:00:00:00:00:09',
    'generate vale0:a@conf:rings=4 --threads 4',
    'generate null: --duration 3 --csv',
  ]).action(generate);
}

async function generate(name: string, options: GenerateOptions): Promise<void> {
  const made = generatorOptions(options);
  const { threads } = options;
  checkShares(options);
  let app: App<GeneratorStats> | undefined;
  await runTool(
    {
      command: 'generate',
      direction: 'tx',
      make: (port: Port) =>
        (app =
          threads === undefined
            ? new Generator(port, made)
            : new Workers<GeneratorStats, GeneratorOptions>(port, 'Generator', { threads, options: shareOf(made) })),
      extra: (port) => ({ ...senderLosses(port), ...histogramFields(app!.details()) }),
      describe: (stats, port) =>
        describeTraffic('sent', stats) +
        describeHistograms(app!.details(), SENDER_TITLES) +
        (stats.givenUp > 0 ? `\ntoo slow for the rate: gave up ${stats.givenUp.toFixed(1)} s of it` : '') +
        describeLosses(port, stats.pending),
    },
    name,
    options,
  );
}

function generatorOptions(options: GenerateOptions): GeneratorOptions {
  const { count, length, duration, batch, dstMac, srcMac, dstIp, srcIp, dstPort, srcPort, vlan } = options;
  const frame = { length, dstMac, srcMac, dstIp, srcIp, dstPort, srcPort, vlan };
  const packets: GeneratorOptions =
    options.template === undefined
      ? { frame, sizes: options.imix ? 'imix' : undefined }
      : { template: readFrames(options.template) };
  return {
    ...packets,
    ...{ count, duration, batch, rate: options.rate, burst: options.burst, flows: options.flows, seed: options.seed },
    line: options.line === undefined ? undefined : parseRate(options.line, 0).value,
    vary: options.vary,
    pattern: options.poisson ? 'poisson' : 'constant',
    wait: options.sleep ? 'sleep' : 'spin',
    timestamps: options.timestamps,
    fragment: options.fragment,
    rings: options.rings ? 'all' : undefined,
    // A sink on a switch with several generators tells them apart by this.
    stream: randomInt(2 ** 32),
  };
}

function checkShares({ count, threads = 1 }: GenerateOptions): void {
  if (count === undefined || count >= threads) return;
  throw outOfRange('--threads', `at most ${count}, the number of packets`, threads);
}

/** What each of several threads does of the whole. */
function shareOf(whole: GeneratorOptions): (index: number, threads: number) => GeneratorOptions {
  return (index, threads) => {
    const { count, rate, line = LINE, seed = 1, stream = 0 } = whole;
    const { unit, value } = rate === undefined ? { unit: 'pps', value: 0 } : parseRate(rate, line);
    return {
      ...whole,
      count: count === undefined ? undefined : Math.floor(count / threads) + Number(index < count % threads),
      rate: rate === undefined ? undefined : `${value / threads}${unit}`,
      seed: seed + index,
      stream: (stream + index) % 2 ** 32,
    };
  };
}
