// A port with several rings, and a worker thread for each: the way to use several cores.
//
//   node worker-per-ring.mjs [RINGS] [PACKETS PER RING]
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { open, POLL, udpFrame } from 'node-netmap';

if (isMainThread) await main(Number(process.argv[2] ?? 2), Number(process.argv[3] ?? 1000));
else receive(workerData);

async function main(rings, packets) {
  const receiver = open(`vale0:many@conf:rings=${rings}`);
  const sender = open(`vale0:sender@conf:rings=${rings}`);
  const home = '02:00:00:00:00:aa';

  const workers = Array.from({ length: rings }, (_, ring) => {
    // One ring of the port: "-N" in its name.
    return new Worker(new URL(import.meta.url), { workerData: { name: `vale0:many-${ring}`, packets } });
  });
  await Promise.all(workers.map((worker) => new Promise((ready) => worker.once('message', ready))));

  // The switch spreads packets over rings only when it knows where they go: so the receiver has to say a word first.
  receiver.inject(udpFrame({ srcMac: home }));
  receiver.txSync();

  const done = workers.map((worker) => new Promise((end) => worker.once('message', end)));
  const frame = udpFrame({ dstMac: home });
  for (let n = 0; n < packets; n++) {
    for (const ring of sender.txRings) ring.advance(ring.writeFrame(frame)); // ring n goes to ring n
    sender.txSync();
    if (n % 256 === 255) await new Promise((slowly) => setTimeout(slowly, 5)); // a switch does not wait for receivers
  }
  for (const [ring, got] of (await Promise.all(done)).entries()) console.log(`ring ${ring}: ${got} packets`);
  receiver.close();
  sender.close();
}

function receive({ name, packets }) {
  const port = open(name);
  const [ring] = port.rxRings;
  parentPort.postMessage('ready');
  let got = 0;
  // Blocks this thread, which does nothing else; nothing for two seconds means that the rest was dropped.
  while (got < packets && port.poll(POLL.IN, 2000) !== 0) {
    got += ring.available;
    ring.advance(ring.available);
  }
  port.close();
  parentPort.postMessage(got);
}
