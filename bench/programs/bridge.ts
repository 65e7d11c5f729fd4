// A bridge between two pipes, with a rule, with the same as a hook, or with neither, until it is told to end.
import { existsSync } from 'node:fs';
import { netmap } from '../library';
import { args, tell } from './arguments';

const a = netmap.open(args.a);
const b = netmap.open(args.b);
const how = {
  rule: { filter: 'add deny ip from 10.0.1.1 to any' },
  hook: {
    hook: (u8: Uint8Array, at: number, length: number) =>
      !(
        length >= 34 &&
        u8[at + 12] === 8 &&
        u8[at + 13] === 0 &&
        u8[at + 26] === 10 &&
        u8[at + 27] === 0 &&
        u8[at + 28] === 1 &&
        u8[at + 29] === 1
      ),
  },
  nothing: {},
};
const bridge = new netmap.Bridge(a, b, how[args.mode as keyof typeof how]);
tell('ready');
const look = setInterval(() => {
  if (existsSync(args.over)) bridge.stop();
}, 20);
void bridge.start().then(() => {
  clearInterval(look);
  tell('result', { refused: bridge.stats().refused });
  a.close();
  b.close();
});
