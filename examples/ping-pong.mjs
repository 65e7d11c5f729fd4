// Measures how long a packet takes to another thread and back: two ends of a pipe, both sleeping until something comes.
//
//   node ping-pong.mjs [ROUNDS]
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { open, POLL, udpFrame } from 'node-netmap';

const PIPE = `netmap:pingpong${isMainThread ? process.pid : workerData}`;
if (isMainThread) ping(Number(process.argv[2] ?? 10_000));
else pong();

function ping(rounds) {
  const port = open(`${PIPE}{1`);
  const frame = udpFrame();
  const times = new Float64Array(rounds);
  const worker = new Worker(new URL(import.meta.url), { workerData: process.pid });
  worker.once('message', () => {
    for (let n = 0; n < rounds; n++) {
      const start = performance.now();
      port.inject(frame);
      // poll() sends what is in the tx rings, and blocks this thread: fine for a script that does nothing else.
      if (port.poll(POLL.IN, 5000) === 0) throw new Error('no answer within 5 seconds');
      port.rxRings[0].advance(port.rxRings[0].available);
      times[n] = 1000 * (performance.now() - start);
    }
    times.sort();
    const at = (share) => times[Math.floor(share * (rounds - 1))].toFixed(1);
    console.log(`${rounds} round trips on the ${port.device}: p50 ${at(0.5)} us, p99 ${at(0.99)} us, max ${at(1)} us`);
    worker.terminate();
    port.close();
  });
}

function pong() {
  const port = open(`${PIPE}}1`);
  parentPort.postMessage('ready');
  const frame = new Uint8Array(2048);
  const [rx] = port.rxRings;
  for (;;) {
    port.poll(POLL.IN, -1);
    for (; rx.available > 0; rx.advance(rx.frameSlots(rx.head))) {
      port.inject(frame.subarray(0, rx.readFrame(rx.head, frame)));
    }
  }
}
