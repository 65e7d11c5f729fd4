// Generate -> switch -> sink in 20 lines: a million packets from one port of a switch to another.
import { open, udpFrame } from 'node-netmap';

const a = open('vale0:a');
const b = open('vale0:b');
const tx = a.txRings[0];
const rx = b.rxRings[0];
const frame = udpFrame({ dstPort: 9, payload: 'hello' });
let sent = 0;
let received = 0;
while (sent < 1_000_000) {
  for (let k = 0; k < 256; k++) sent += Number(a.inject(frame));
  a.txSync(); // the switch copies them to everybody else
  b.rxSync();
  received += rx.available;
  rx.advance(rx.available);
}
console.log(`${a.device}: sent ${sent}, received ${received}, dropped ${b.counters()?.dropFull}, ${tx.numSlots} slots`);
a.close();
b.close();
