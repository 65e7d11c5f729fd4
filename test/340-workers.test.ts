import t from 'tap';
import { Worker } from 'node:worker_threads';
import { root } from './child';
import { pipe, vale } from './folder';
import { open } from 'node-netmap';

/** A worker that runs a piece of CommonJS; `netmap`, `parent` and `data` are there. */
function work(code: string, data?: unknown): Worker {
  const prelude = `
    const { parentPort: parent, workerData: data } = require('node:worker_threads');
    const netmap = require(${JSON.stringify(root)});`;
  return new Worker(prelude + code, { eval: true, workerData: data });
}

function said(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`ended with ${code} without a word`)));
  });
}

function ended(worker: Worker): Promise<number> {
  return new Promise((resolve) => worker.once('exit', resolve));
}

t.test('main and workers open ports at once and talk', async (t) => {
  using main = open(vale('main'), { rxSlots: 1024 });
  const workers = Array.from({ length: 4 }, (_, k) =>
    work(
      `const port = netmap.open(data.name);
       const frame = Buffer.alloc(60, 255);
       frame[6] = 2; frame[11] = data.k;
       for (let n = 0; n < 50; n++) port.inject(frame);
       port.txSync();
       parent.postMessage(port.device);
       port.close();`,
      { name: vale(`w${k}`), k },
    ),
  );
  const exits = workers.map(ended);
  t.strictSame(new Set(await Promise.all(workers.map(said))), new Set([main.device]));
  t.strictSame(await Promise.all(exits), [0, 0, 0, 0]);
  const heard = [0, 0, 0, 0];
  main.rxSync();
  const [ring] = main.rxRings;
  for (let n = ring.available, i = ring.head; n > 0; n--, i = ring.next(i)) heard[ring.payload(i)[11]]++;
  t.strictSame(heard, [50, 50, 50, 50]);
});

t.test('a worker waits on its own event loop', async (t) => {
  using main = open(pipe('{'));
  const worker = work(
    `const port = netmap.open(data);
     parent.postMessage('open');
     port.readable().then((ready) => { parent.postMessage([ready, port.rxRings[0].available]); port.close(); });`,
    pipe('}'),
  );
  const exit = ended(worker); // the end may come in the same turn as the last word
  t.equal(await said(worker), 'open');
  main.inject(new Uint8Array(60));
  main.txSync();
  t.strictSame(await said(worker), [true, 1]);
  await exit;
});

const STAGES = {
  'an open port': `netmap.open(data); parent.postMessage('go'); setInterval(() => {}, 1000);`,
  'a blocking poll': `const port = netmap.open(data); parent.postMessage('go'); port.poll(1, -1);`,
  'a wait on the event loop': `const port = netmap.open(data); port.readable(); port.batches(); parent.postMessage('go');`,
  'waits in both directions': `
    const port = netmap.open(data); port.txRings[0].advance(port.txRings[0].available);
    port.readable(); port.writable(); parent.postMessage('go');`,
  'an iteration over batches': `
    const port = netmap.open(data); setTimeout(() => parent.postMessage('go'), 1);
    (async () => { for await (const batch of port.batches()); })();`,
  'a tight loop of syncs': `
    const port = netmap.open(data); const [ring] = port.txRings; parent.postMessage('go');
    for (;;) { ring.advance(ring.available); port.txSync(); port.rxSync(); }`,
  'opening and closing': `parent.postMessage('go'); for (;;) netmap.open(data).close();`,
  'a wait that was over': `
    const port = netmap.open(data);
    port.readable({ timeout: 1 }).then(() => parent.postMessage('go')); setInterval(() => {}, 1000);`,
  'a closed port': `
    const port = netmap.open(data); port.readable().catch(() => {}); port.close(); parent.postMessage('go');`,
};

for (const [stage, code] of Object.entries(STAGES)) {
  t.test(`terminate a worker in ${stage}`, async (t) => {
    for (let round = 0; round < 3; round++) {
      const worker = work(code, vale('victim'));
      t.equal(await said(worker), 'go');
      await worker.terminate();
      open(vale('victim/x')).close(); // the port went with the worker
    }
  });
}

t.test('process.exit in a worker', async (t) => {
  const worker = work(`netmap.open(data).readable(); process.exit(7);`, vale('x'));
  t.equal(await ended(worker), 7);
  open(vale('x/x')).close();
});

t.test('many workers, started and terminated at random moments', async (t) => {
  const workers = Array.from({ length: 8 }, (_, k) =>
    work(
      `const port = netmap.open(data); (async () => { for await (const batch of port.batches()); })();`,
      vale(`m${k}`),
    ),
  );
  const exits = workers.map(ended);
  workers.forEach((worker, k) => setTimeout(() => void worker.terminate(), 20 * k));
  t.equal((await Promise.all(exits)).length, 8);
});
