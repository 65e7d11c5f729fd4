import type { Command } from 'commander';
import { randomInt } from 'node:crypto';
import { PingPong } from '../apps/ping-pong';
import type { Port } from '../port';
import { mac, portName, positive, whole } from './arguments';
import { count } from './format';
import { addCommon, addRun, type RunOptions } from './options';
import { describeHistograms, histogramFields } from './percentiles';
import { runTool } from './tool';

interface PingOptions extends RunOptions {
  count?: number;
  duration?: number;
  burst?: number;
  interval?: number;
  timeout?: number;
  length?: number;
  dstMac?: string;
  srcMac?: string;
  block?: boolean;
}

const TITLES = { roundTrip: 'round trip', overhead: 'of which measuring takes by itself' };

export function addPing(program: Command): void {
  const command = program
    .command('ping')
    .description('measure round trips to a port where `pong` runs (of this tool, or of pkt-gen)')
    .argument('<PORT>', 'port to send and receive by', portName)
    .option('--count <N>', 'questions to ask (default: no end)', whole(1))
    .option('--duration <S>', 'seconds until the end (default: none)', positive('seconds'))
    .option('--burst <N>', 'questions asked at once (default: 1)', whole(1, 65536))
    .option(
      '--interval <S>',
      'seconds between questions, or bursts (default: the next one follows the answer)',
      positive('seconds'),
    )
    .option('--timeout <S>', 'seconds until a question counts as lost (default: 1)', positive('seconds'))
    .option('--length <L>', 'bytes of each frame, without its CRC', whole(60, 1514), 60)
    .option('--dst-mac <MAC>', 'destination MAC address (default: broadcast)', mac)
    .option('--src-mac <MAC>', 'source MAC address (default: 02:00:00:00:00:01)', mac)
    .option('--block', 'wait in poll() instead of looking all the time: takes no core, and longer');
  addCommon(addRun(command), [
    'ping vale0:a --count 100000',
    'ping vale0:a --interval 0.01 --duration 60 --json',
  ]).action(ping);
}

async function ping(name: string, options: PingOptions): Promise<void> {
  const { count: questions, duration, burst, interval, timeout, length, dstMac, srcMac, block } = options;
  let app: PingPong | undefined;
  await runTool(
    {
      command: 'ping',
      direction: 'tx',
      make: (port: Port) =>
        (app = new PingPong(port, {
          ...{ count: questions, duration, burst, interval, timeout, frame: { length, dstMac, srcMac } },
          ...{ stream: randomInt(2 ** 32), wait: block ? 'block' : 'spin' },
        })),
      extra: () => histogramFields(app!.details()),
      describe: ({ sent = 0, lost, packets }) =>
        `asked ${count(sent, 'question')}, ${packets} answered, ${lost} lost` +
        describeHistograms(app!.details(), TITLES),
    },
    name,
    options,
  );
  // As ping(8): nobody answered.
  if (app!.stats().packets === 0) process.exitCode = 1;
}
