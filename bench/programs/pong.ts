// Sends back what it gets, until it is ended.
import { netmap } from '../library';
import { args, tell } from './arguments';
import { prefill, SEQUENCE_WORD } from './template';

const { IN } = netmap.POLL;
const port = netmap.open(args.b);
const tx = port.txRings[0];
const rx = port.rxRings[0];
prefill(tx, 60, '02:00:00:00:00:02');

function answer(): void {
  for (let n = rx.available; n > 0; n--) {
    const i = tx.head;
    tx.setLength(i, 60);
    port.u32[(tx.offset(i) >> 2) + SEQUENCE_WORD] = port.u32[(rx.offset(rx.head) >> 2) + SEQUENCE_WORD];
    rx.advance(1);
    tx.advance(1);
    port.txSync();
  }
}

function answerBusily(): void {
  for (let k = 0; k < 4096; k++) {
    port.rxSync();
    answer();
  }
}

async function main(): Promise<void> {
  const end = performance.now() + 1000 * (args.warmUp + args.seconds) + 5000;
  tell('ready');
  while (performance.now() < end) {
    if (args.mode === 'busy') answerBusily();
    else if (args.mode === 'event loop') await port.readable({ timeout: 1000 });
    else port.poll(IN, 1000);
    answer();
  }
  port.close();
}

void main();
