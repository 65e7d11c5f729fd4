// Receives packets batch by batch, checks what is in them, and ends after a second without any.
//
//   node sink.mjs [PORT]
import { FrameReader, open, SequenceChecker } from 'node-netmap';

const [name = 'vale0:b'] = process.argv.slice(2);
const port = open(name);
const frames = new FrameReader(port.u8);
const checker = new SequenceChecker();
let packets = 0;
let corrupt = 0;

console.log(`waiting for packets on ${name}, on the ${port.device}`);
await port.readable();
const stop = new AbortController();
const quiet = setTimeout(() => stop.abort(), 1000);
try {
  for await (const { ring, first, count } of port.batches({ signal: stop.signal })) {
    for (let k = 0, i = first; k < count; k++, i = ring.next(i)) {
      if (frames.verify(ring.offset(i), ring.length(i)) !== 'valid') corrupt++;
      checker.addFrame(frames, ring.offset(i), ring.length(i));
    }
    packets += count;
    quiet.refresh();
  } // a batch's slots go back to the device when the loop asks for the next one
} catch (error) {
  if (!stop.signal.aborted) throw error;
}
const { lost, reordered, duplicated } = checker.totals();
console.log(
  `received ${packets} packets: corrupt ${corrupt}, lost ${lost}, reordered ${reordered}, twice ${duplicated}`,
);
port.close();
