// The generator: a sweep of source address and port with both checksums right, and other ways to make packets.
import { netmap } from '../library';
import { args, tell } from './arguments';
import { measureApp } from './app-window';

type Options = NonNullable<ConstructorParameters<typeof netmap.Generator>[1]>;

const SWEEP = { srcIp: '10.0.0.1-10.0.255.254', srcPort: '1024-65535' };

/** What is sent, by mode. */
const MODES: Record<string, Options> = {
  sweep: { vary: SWEEP, numbered: false },
  'sweep to a switch': { vary: SWEEP, numbered: false },
  'sweep, numbered': { vary: SWEEP },
  'at random': { vary: { srcIp: 'random:10.0.0.0/16', srcPort: 'random:1024-65535' }, numbered: false },
  '1000 flows': { flows: 1000, numbered: false },
  'the same frame': { numbered: false },
};

const port = netmap.open(args.mode === 'sweep to a switch' ? args.a : 'null:');
const generator = new netmap.Generator(port, {
  frame: { length: args.frame },
  ...{ batch: args.batch, ...MODES[args.mode] },
});
void measureApp(generator).then((result) => {
  tell('result', result);
  port.close();
});
