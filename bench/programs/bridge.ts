// A bridge between two ports of one memory region, until it is told to stop.
import { netmap } from '../library';
import { args, tell } from './arguments';
import { chainNames } from './chain-names';

const { near } = chainNames(args.a);
const ports = near.map((name) => netmap.open(name));
const [a, b] = ports;
const bridge = new netmap.Bridge(a, b, {
  oneWay: true,
  // Looks at a byte of each packet, and keeps them all.
  hook: args.mode === 'hook' ? (u8, offset) => u8[offset + 12] !== 0xff : undefined,
});
process.once('SIGTERM', () => bridge.stop());
tell('ready');
void bridge.start().then(() => {
  tell('result', { packets: bridge.stats().packets });
  for (const port of ports) port.close();
});
