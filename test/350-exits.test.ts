import t from 'tap';
import { vale } from './folder';
import { runNode } from './child';
import { open, ports } from 'node-netmap';
import { endsAt, PORT } from './support/stages';

endsAt([
  ['after loading', `process.exit(3)`, 3],
  ['with an open port', `netmap.open(${PORT}); process.exit(3)`, 3],
  ['with an open port, by itself', `netmap.open(${PORT});`, 0],
  ['with a closed port', `netmap.open(${PORT}).close(); process.exit(3)`, 3],
  ['with a closed port, by itself', `netmap.open(${PORT}).close();`, 0],
  ['with views left', `const p = netmap.open(${PORT}); globalThis.v = p.txRings[0].buffer(0); p.close(); v[0] = 1;`, 0],
  [
    'by an error',
    `netmap.open(${PORT}); process.on('uncaughtException', () => process.exit(3)); throw new Error('x');`,
    3,
  ],
  ['in an exit handler', `const p = netmap.open(${PORT}); process.on('exit', () => { p.txSync(); p.close(); });`, 0],
  ['opening in an exit handler', `process.on('exit', () => netmap.open(${PORT}).txSync());`, 0],
]);

t.test('killed', async (t) => {
  const { signal } = await runNode(
    `netmap.open(${PORT}).readable(); setImmediate(() => process.kill(process.pid, 'SIGKILL'));`,
  );
  t.equal(signal, 'SIGKILL');
  using port = open(vale('a/x'));
  t.ok(port);
  if (port.device === 'engine') t.equal(ports().filter(({ name }) => name === vale('a')).length, 1);
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
