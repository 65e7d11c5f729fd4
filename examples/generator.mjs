// Sends numbered packets as fast as possible: the frame is copied into each buffer once, then only what differs is written.
//
//   node generator.mjs [PORT] [PACKETS]
import { setTimeout } from 'node:timers/promises';
import { open, SequenceStamp, udpFrame } from 'node-netmap';

const [name = 'vale0:a', packets = '1000000'] = process.argv.slice(2);
const port = open(name);
const ring = port.txRings[0];
const memory = new DataView(port.u8.buffer);

const frame = udpFrame({ length: 60 });
const stamp = new SequenceStamp(frame); // writes the number and the checksum that goes with it
for (let i = 0; i < ring.numSlots; i++) ring.buffer(i).set(frame);

const start = performance.now();
for (let sent = 0; sent < Number(packets);) {
  // A switch takes everything at once; a pipe is full until somebody reads.
  if (ring.available === 0) await port.writable();
  const count = Math.min(ring.available, 512, Number(packets) - sent);
  for (let k = 0, i = ring.head; k < count; k++, i = ring.next(i)) {
    stamp.write(memory, ring.offset(i), sent + k);
    ring.setLength(i, frame.length);
  }
  ring.advance(count); // these slots belong to the device now ...
  port.txSync(); // ... which takes note here
  sent += count;
}
const seconds = (performance.now() - start) / 1000;
console.log(`sent ${packets} packets on the ${port.device}: ${(Number(packets) / seconds / 1e6).toFixed(2)} Mpps`);

// What is still in a pipe when we close it is lost if nobody has opened the other end.
while (ring.pending > 0) {
  await setTimeout(1);
  port.txSync();
}
port.close();
