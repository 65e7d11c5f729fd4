// Sends a frame, waits for the answer, takes the time: again and again.
import { netmap } from '../library';
import { quantile } from '../statistics';
import { args, tell } from './arguments';
import { prefill, SEQUENCE_WORD } from './template';

const { IN } = netmap.POLL;
const port = netmap.open(args.a);
const tx = port.txRings[0];
const rx = port.rxRings[0];
prefill(tx, 60, '02:00:00:00:00:01');

const MOST = 4_000_000;
const times = new Float64Array(MOST);
let count = 0;
let lost = 0;
let number = 0;

function send(): void {
  const i = tx.head;
  tx.setLength(i, 60);
  port.u32[(tx.offset(i) >> 2) + SEQUENCE_WORD] = ++number;
  tx.advance(1);
  port.txSync();
}

/** Whether the answer is among what has come. */
function answered(): boolean {
  let found = false;
  for (let n = rx.available; n > 0; n--) {
    found ||= port.u32[(rx.offset(rx.head) >> 2) + SEQUENCE_WORD] === number;
    rx.advance(1);
  }
  return found;
}

function waitBlocking(): boolean {
  while (port.poll(IN, 200) !== 0) if (answered()) return true;
  return false;
}

function waitBusy(): boolean {
  const end = performance.now() + 200;
  for (let k = 1; ; k++) {
    port.rxSync();
    if (answered()) return true;
    if (k % 4096 === 0 && performance.now() > end) return false;
  }
}

async function waitInLoop(): Promise<boolean> {
  while (await port.readable({ timeout: 200 })) if (answered()) return true;
  return false;
}

function note(start: number, ok: boolean, counts: boolean): void {
  if (!ok) lost++;
  else if (counts && count < MOST) times[count++] = (performance.now() - start) * 1000;
}

async function main(): Promise<void> {
  const opening = performance.now() + 1000 * args.warmUp;
  const closing = opening + 1000 * args.seconds;
  for (let now = performance.now(); now < closing; now = performance.now()) {
    send();
    const ok = args.mode === 'busy' ? waitBusy() : args.mode === 'blocking' ? waitBlocking() : await waitInLoop();
    note(now, ok, now >= opening);
  }
  const sorted = times.subarray(0, count).sort();
  tell('result', {
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    'p99.9': quantile(sorted, 0.999),
    max: quantile(sorted, 1),
    lost,
  });
  port.close();
}

void main();
