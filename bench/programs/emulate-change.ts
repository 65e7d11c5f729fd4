// Commands for an emulator that spins in another thread, with frames on their way: how long it stands still for them.
import { netmap } from '../library';
import { args, tell } from './arguments';
import { drain } from './drain';
import { fillBatch } from './fill-batch';
import { hurry, realtime } from './realtime';
import { prefill } from './template';

const numbers = (count: number) => Array.from({ length: count }, (_, k) => k);
const address = (k: number) => `10.${(k >> 16) & 255}.${(k >> 8) & 255}.${k & 255}`;

/** Each is given again and again; none of the rules matches. `n` goes up by one. */
const CHANGES: Record<string, (n: number) => string> = {
  'a link': (n) => `pipe 1 config bw 10Gbit/s delay ${1 + (n % 3)}ms queue 4000`,
  '1,000 rules': (n) =>
    [
      'flush',
      ...numbers(1000).map((k) => `add ${k + 1} deny ip from ${address(k + n)} to any`),
      'add 2000 pipe 1 ip from any to any out',
    ].join('\n'),
  'table of 100,000': (n) =>
    ['table t flush', ...numbers(100_000).map((k) => `table t add ${address(2 * k + (n % 2))} ${k}`)].join('\n'),
  'show, stats': () => 'show\npipe show',
};

const name = args.a.replace(/\{.*/, '');
const [near, far] = ['{', '}'].map((end) => ['1', '2'].map((id) => netmap.open(`${name}${end}${id}@conf:slots=2048`)));
const emulator = new netmap.Emulator([
  'table t create type addr',
  'pipe 1 config bw 10Gbit/s delay 1ms queue 4000',
  'add 1000 deny ip from table(t) to any',
  'add 2000 pipe 1 ip from any to any out',
]);
const emulation = new netmap.Emulation(near[0], near[1], emulator, { spin: true, realtime });
const running = emulation.start();
prefill(far[0].txRings[0], 60, '02:00:00:00:00:01');

let sent = 0;
let received = 0;

function pass(): void {
  sent += fillBatch(far[0].txRings[0], args.batch, 60);
  far[0].txSync();
  far[1].rxSync();
  received += drain(far[1].rxRings[0]);
}

async function measure(): Promise<object> {
  await new Promise((done) => setTimeout(done, 20)); // until the thread is there
  const seconds: number[] = [];
  let n = 0;
  const change = () => {
    const commands = CHANGES[args.mode](n++);
    pass();
    const start = performance.now();
    emulator.apply(commands);
    if (args.mode === 'show, stats') emulation.stats();
    seconds.push((performance.now() - start) / 1000);
  };
  for (const end = performance.now() + 1000 * args.warmUp; performance.now() < end;) change();
  hurry();
  seconds.length = 0;
  for (const end = performance.now() + 1000 * args.seconds; performance.now() < end || seconds.length < 3;) change();
  // As often as there were commands, and once for counters: those of the warm-up are among them.
  const [{ p50, p99, most }] = emulation.stats().pauses;
  for (const end = performance.now() + 1000; received + emulation.stats().dropped < sent && performance.now() < end;) {
    far[1].rxSync();
    received += drain(far[1].rxRings[0]);
  }
  return {
    p50: p50 / 1000,
    p99: p99 / 1000,
    most: most / 1000,
    command: (1000 * seconds.reduce((sum, one) => sum + one, 0)) / seconds.length,
    unaccounted: sent - received - emulation.stats().dropped,
    realtime,
  };
}

void measure().then(async (result) => {
  emulation.stop();
  await running;
  tell('result', result);
  for (const port of [...near, ...far]) port.close();
});
