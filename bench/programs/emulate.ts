// Generator and sink in one thread, an emulator in another one between them: two pipes of one memory region.
import { netmap } from '../library';
import { quantile } from '../statistics';
import { args, tell } from './arguments';
import { drain } from './drain';
import { fillBatch } from './fill-batch';
import { hurry, realtime } from './realtime';
import { prefill } from './template';

const { batch, mode } = args;
const frame = mode === '1G' ? 1514 : args.frame;
const LINKS: Record<string, string> = {
  rule: 'add 100 deny tcp from 192.0.2.1 to any 22',
  pipe: 'pipe 1 config bw 100Gbit/s delay 1ms queue 4000\nadd 100 pipe 1 ip from any to any out',
  // Whenever one of the threads was late the queue grows, and hardly ever shrinks: it has room for 15 ms of that.
  '10G': 'pipe 1 config bw 10Gbit/s delay 100ms queue 12000\nadd 100 pipe 1 ip from any to any out',
  '1G': 'pipe 1 config bw 1Gbit/s queue 5000\nadd 100 pipe 1 ip from any to any out',
  delay: 'pipe 1 config delay 1ms\nadd 100 pipe 1 ip from any to any out',
};
const name = args.a.replace(/\{.*/, '');
// At 10 Gbit/s 10 ms of frames: the receiver, one thread with the sender, is away for as long now and then.
const slots = mode === '10G' ? 8192 : 2048;
const near = ['{1', '{2'].map((end) => netmap.open(`${name}${end}@conf:slots=${slots}`));
const far = ['}1', '}2'].map((end) => netmap.open(`${name}${end}@conf:slots=${slots}`));
const emulator = new netmap.Emulator(LINKS[mode], { memory: 2 ** 31 });
const emulation = new netmap.Emulation(near[0], near[1], emulator, {
  spin: true,
  realtime: mode === 'delay' ? realtime : 0,
});
const running = emulation.start();
const tx = far[0].txRings[0];
const rx = far[1].rxRings[0];
prefill(tx, frame, '02:00:00:00:00:01');

let sent = 0;
let received = 0;

/** So many packets at a rate that were not sent in time are not sent at all. */
const LATE = 2000;

/** Sends what a rate allows (packets per ms), for so many ms; `room`: as the ring allows. */
function run(ms: number, rate: number): number {
  const start = performance.now();
  const before = received;
  let due = 0;
  let now = start;
  while (now < start + ms) {
    // A sender at a rate that was late does not make up for it: that would fill a queue faster than the link empties it.
    if (rate !== Infinity) due = Math.max(due, Math.floor((now - start) * rate) - LATE);
    const wanted = rate === Infinity ? batch : Math.min(batch, Math.floor((now - start) * rate) - due);
    if (wanted > 0) {
      const n = fillBatch(tx, wanted, frame);
      sent += n;
      due += n;
    }
    far[0].txSync();
    far[1].rxSync();
    received += drain(rx);
    now = performance.now();
  }
  return (received - before) / (now - start) / 1000;
}

const preemptions = () => process.resourceUsage().involuntaryContextSwitches;

/** How much later than it should a frame comes, one at a time: in us. `alone`: while nobody took a core away from this process. */
function errors(ms: number): { all: number[]; alone: number[] } {
  const all: number[] = [];
  const alone: number[] = [];
  for (const end = performance.now() + ms; performance.now() < end;) {
    const before = preemptions();
    fillBatch(tx, 1, frame);
    const start = process.hrtime.bigint();
    far[0].txSync();
    for (far[1].rxSync(); rx.available === 0; far[1].rxSync());
    const late = Number(process.hrtime.bigint() - start - 1_000_000n) / 1000;
    all.push(late);
    if (preemptions() === before) alone.push(late);
    received += drain(rx);
    sent++;
  }
  return { all, alone };
}

/**
 * By how many percent the rate of a link is missed, seen from its far end; its queue has 40 ms to send whatever keeps us away. We
 * are late to see some frames: what counts is the frame that came least late in the first tenth of the time, and in the last.
 */
function rateError(ms: number): number {
  const frameMs = (8 * (frame + 24)) / 1e6;
  const tenths = [0, 1].map(() => ({ late: Infinity, at: 0, packets: 0 }));
  let packets = 0;
  const start = performance.now();
  for (let now = start; now < start + ms || tenths[1].packets === 0;) {
    while (sent - received < 3500) {
      const n = fillBatch(tx, 64, frame);
      far[0].txSync();
      if (n === 0) break;
      sent += n;
    }
    far[1].rxSync();
    const n = drain(rx);
    now = performance.now();
    if (n === 0) continue;
    received += n;
    packets += n;
    const part = (now - start) / ms;
    const tenth = part < 0.1 || tenths[0].packets === 0 ? tenths[0] : part >= 0.9 ? tenths[1] : undefined;
    const late = now - packets * frameMs;
    if (tenth && late < tenth.late) Object.assign(tenth, { late, at: now, packets });
  }
  const [first, last] = tenths;
  return 100 * Math.abs(((last.packets - first.packets) * frameMs) / (last.at - first.at) - 1);
}

const quantiles = (values: readonly number[], q: number) => quantile(Float64Array.from(values).sort(), q);

async function measure(): Promise<object> {
  await new Promise((done) => setTimeout(done, 20)); // until the thread is there
  const [warmUp, length] = [1000 * args.warmUp, 1000 * args.seconds];
  if (mode === 'delay') {
    errors(warmUp);
    hurry();
    const { all, alone } = errors(length);
    const { late } = emulation.stats().directions[0];
    return {
      p50: quantiles(all, 0.5),
      p99: quantiles(all, 0.99),
      alone: quantiles(alone.length > 0 ? alone : all, 0.99),
      preempted: 100 * (1 - alone.length / all.length),
      'runner p50': late.p50 / 1000,
      'runner p99': late.p99 / 1000,
      realtime,
    };
  }
  if (mode === '1G') {
    rateError(warmUp);
    return { error: rateError(length) };
  }
  // 10 Gbit/s, less two thousandths: a queue at its very rate would grow with every delay of ours.
  const rate = mode === '10G' ? 0.998 * (1e7 / (8 * (frame + 24))) : Infinity;
  run(warmUp + (mode === '10G' ? 150 : 0), rate);
  const before = sent;
  const measured = run(length, rate);
  const offered = (sent - before) / length / 1000;
  for (const end = performance.now() + 1000; received + emulation.stats().dropped < sent && performance.now() < end;) {
    far[1].rxSync();
    received += drain(rx);
  }
  const { dropped, memory } = emulation.stats();
  return { rate: measured, offered, dropped, unaccounted: sent - received - dropped, memory: memory.held / 2 ** 20 };
}

void measure().then(async (result) => {
  emulation.stop();
  await running;
  tell('result', result);
  for (const port of [...near, ...far]) port.close();
});
