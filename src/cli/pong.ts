import type { Command } from 'commander';
import { PingPong } from '../apps/ping-pong';
import type { Port } from '../port';
import { portName, positive, whole } from './arguments';
import { describeTraffic } from './describe';
import { addCommon, addRun, type RunOptions } from './options';
import { runTool } from './tool';

interface PongOptions extends RunOptions {
  count?: number;
  duration?: number;
}

export function addPong(program: Command): void {
  const command = program
    .command('pong')
    .description('send back what arrives, with addresses and ports exchanged')
    .argument('<PORT>', 'port to receive and send by', portName)
    .option('--count <N>', 'packets to send back (default: no end)', whole(1))
    .option('--duration <S>', 'seconds until the end (default: none)', positive('seconds'));
  addCommon(addRun(command), ['pong vale0:b', 'pong vale0:b --duration 60']).action(pong);
}

async function pong(name: string, options: PongOptions): Promise<void> {
  const { count, duration } = options;
  await runTool(
    {
      command: 'pong',
      direction: 'rx',
      make: (port: Port) => new PingPong(port, { role: 'pong', count, duration }),
      describe: (stats) => describeTraffic('sent back', stats),
    },
    name,
    options,
  );
}
