import t from 'tap';
import { vale } from './folder';
import { root, runNode } from './child';
import { open, ports } from 'node-netmap';

const A = JSON.stringify(vale('a'));

/** A process that ends here, in this way, must end with this code, by no signal, and take its port along. */
const STAGES: [string, string, number][] = [
  ['after loading', `process.exit(3)`, 3],
  ['with an open port', `netmap.open(${A}); process.exit(3)`, 3],
  ['with an open port, by itself', `netmap.open(${A});`, 0],
  ['with a closed port', `netmap.open(${A}).close(); process.exit(3)`, 3],
  ['with a closed port, by itself', `netmap.open(${A}).close();`, 0],
  ['with views left', `const p = netmap.open(${A}); globalThis.v = p.txRings[0].buffer(0); p.close(); v[0] = 1;`, 0],
  ['while waiting', `netmap.open(${A}).readable(); setImmediate(() => process.exit(3));`, 3],
  ['in a wait that was over', `netmap.open(${A}).readable({ timeout: 1 });`, 0],
  ['while waiting, unref', `netmap.open(${A}).unref().readable();`, 0],
  ['while waiting with a timeout, unref', `netmap.open(${A}).unref().readable({ timeout: 1e9 });`, 0],
  ['while waiting, unref later', `const p = netmap.open(${A}); p.readable({ timeout: 1e9 }); p.unref();`, 0],
  [
    'while iterating',
    `(async () => { for await (const b of netmap.open(${A}).batches()); })(); setTimeout(() => process.exit(3), 5)`,
    3,
  ],
  [
    'by an error',
    `netmap.open(${A}); process.on('uncaughtException', () => process.exit(3)); throw new Error('x');`,
    3,
  ],
  ['by an error in a wait', `netmap.open(${A}).readable().catch(() => process.exit(3)); netmap.open('eth0')`, 1],
  ['in an exit handler', `const p = netmap.open(${A}); process.on('exit', () => { p.txSync(); p.close(); });`, 0],
  ['opening in an exit handler', `process.on('exit', () => netmap.open(${A}).txSync());`, 0],
  ['with a sync loop', `netmap.open(${A}, { csb: true }).startKloop(); process.exit(3)`, 3],
  ['with a sync loop, unref', `netmap.open(${A}, { csb: true }).unref().startKloop({ sleepUs: 1e6 });`, 0],
  ['with a sync loop that has ended', `netmap.open(${A}, { csb: true }).startKloop().stop();`, 0],
  [
    'with a sync loop in a worker',
    `const { Worker } = require('node:worker_threads');
     const code = 'globalThis.p = require(' + JSON.stringify(${JSON.stringify(root)}) + ').open(' + JSON.stringify(${A}) +
       ', { csb: true }); p.startKloop()';
     const worker = new Worker(code, { eval: true });
     worker.once('online', () => setTimeout(() => worker.terminate().then(() => process.exit(3)), 50));`,
    3,
  ],
  [
    'with a worker that polls',
    `const { Worker } = require('node:worker_threads');
     const code = 'require(' + JSON.stringify(${JSON.stringify(root)}) + ').open(' + JSON.stringify(${A}) + ').poll(1, -1)';
     new Worker(code, { eval: true }).once('online', () => setTimeout(() => process.exit(3), 20));`,
    3,
  ],
];

for (const [stage, code, expected] of STAGES) {
  t.test(`a process that ends ${stage}`, async (t) => {
    const { code: exit, signal, stderr } = await runNode(code);
    t.equal(signal, null);
    t.equal(exit, expected, stderr);
    open(vale('a/x')).close();
  });
}

t.test('killed', async (t) => {
  const { signal } = await runNode(
    `netmap.open(${A}).readable(); setImmediate(() => process.kill(process.pid, 'SIGKILL'));`,
  );
  t.equal(signal, 'SIGKILL');
  using port = open(vale('a/x'));
  t.ok(port);
  if (port.device === 'engine') t.equal(ports().filter(({ name }) => name === vale('a')).length, 1);
});

t.test('ref makes up for unref', async (t) => {
  const { stdout, code } = await runNode(
    `const p = netmap.open(${A}).unref().ref();
     p.readable({ timeout: 5 }).then((ready) => console.log(ready));`,
  );
  t.equal(stdout, 'false\n');
  t.equal(code, 0);
});

t.test('forgotten ports are collected', async (t) => {
  const { stdout, code, stderr } = await runNode(
    `(async () => {
       for (let round = 0; round < 5; round++) {
         for (let k = 0; k < 20; k++) netmap.open(${JSON.stringify(vale('q'))} + k).txRings[0].buffer(0);
         for (let k = 0; k < 3; k++) { gc(); await new Promise(setImmediate); }
       }
       console.log(require('node:fs').readdirSync('/proc/self/fd').length < 80);
     })();`,
    ['--expose-gc'],
  );
  t.equal(stderr, '');
  if (process.platform === 'linux') t.equal(stdout, 'true\n');
  t.equal(code, 0);
});
