import type { Command } from 'commander';
import { randomInt } from 'node:crypto';
import { Generator } from '../apps';
import type { Port } from '../port';
import { ipv4, mac, portName, positive, whole } from './arguments';
import { describeTraffic } from './describe';
import { describeLosses, senderLosses } from './losses';
import { addCommon, addRun, type RunOptions } from './options';
import { runTool } from './tool';

interface GenerateOptions extends RunOptions {
  count?: number;
  length: number;
  rate?: number;
  duration?: number;
  batch: number;
  dstMac?: string;
  srcMac?: string;
  dstIp?: string;
  srcIp?: string;
  dstPort?: number;
  srcPort?: number;
}

/** Longest frame with one IPv4 packet in it. */
const MAX_LENGTH = 65549;

export function addGenerate(program: Command): void {
  const command = program
    .command('generate')
    .description('send UDP packets with sequence numbers, as fast as possible or at a rate')
    .argument('<PORT>', 'port to send by', portName)
    .option('--count <N>', 'packets to send (default: no end)', whole(1))
    .option('--length <L>', 'bytes of each frame, without its CRC', whole(48, MAX_LENGTH), 60)
    .option('--rate <PPS>', 'packets per second (default: as many as possible)', positive('packets per second'))
    .option('--duration <S>', 'seconds until the end (default: none)', positive('seconds'))
    .option('--batch <N>', 'most packets handed over at once', whole(1, 65536), 512)
    .option('--dst-mac <MAC>', 'destination MAC address (default: broadcast)', mac)
    .option('--src-mac <MAC>', 'source MAC address (default: 02:00:00:00:00:01)', mac)
    .option('--dst-ip <IP>', 'destination IPv4 address (default: 10.1.0.1)', ipv4)
    .option('--src-ip <IP>', 'source IPv4 address (default: 10.0.0.1)', ipv4)
    .option('--dst-port <P>', 'destination port (default: 1234)', whole(0, 65535))
    .option('--src-port <P>', 'source port (default: 1234)', whole(0, 65535));
  addCommon(addRun(command), [
    'generate vale0:a',
    'generate vale0:a --rate 10k --duration 60',
    'generate netmap:eth0 --count 1M --length 1514 --dst-mac 02:00:00:00:00:09',
    'generate null: --duration 3 --json',
  ]).action(generate);
}

async function generate(name: string, options: GenerateOptions): Promise<void> {
  const { count, length, rate, duration, batch, dstMac, srcMac, dstIp, srcIp, dstPort, srcPort } = options;
  const frame = { length, dstMac, srcMac, dstIp, srcIp, dstPort, srcPort };
  // A sink on a switch with several generators tells them apart by this.
  const stream = randomInt(2 ** 32);
  await runTool(
    {
      command: 'generate',
      direction: 'tx',
      make: (port: Port) => new Generator(port, { frame, stream, count, rate, duration, batch }),
      extra: senderLosses,
      describe: (stats, port) => describeTraffic('sent', stats) + describeLosses(port, stats.pending),
    },
    name,
    options,
  );
}
