// Waits for packets that do not come.
import { netmap } from '../library';
import { args, tell } from './arguments';

async function main(): Promise<void> {
  const port = netmap.open(args.b);
  tell('ready');
  const wait = 1000 * (args.warmUp + args.seconds) + 5000;
  if (args.mode === 'blocking') port.poll(netmap.POLL.IN, wait);
  else await port.readable({ timeout: wait });
  port.close();
}

void main();
