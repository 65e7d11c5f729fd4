/** Running out of file descriptors. */
import './support/engine-folder';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';

const program = `
const { lib } = require(${JSON.stringify(join(__dirname, 'support/library.js'))});
const ports = [];
let error;
try {
  for (let i = 0; i < 500; i++) ports.push(lib.open('vale0:p' + i, { device: 'engine', txSlots: 8, rxSlots: 8 }));
} catch (e) { error = e; }
const [a, b] = ports;
a.inject(new Uint8Array(60).fill(255));
a.txSync();
b.rxSync();
const received = b.rxRings[0].available;
ports.pop().close();
ports.pop().close();
let again = 'none';
try { lib.open('vale0:q', { device: 'engine', txSlots: 8, rxSlots: 8 }).close(); } catch (e) { again = e.message; }
for (const port of ports) port.close();
console.log(JSON.stringify({ opened: ports.length + 2, code: error?.code, message: error?.message, received, again }));
`;

t.test('is an error with a remedy, and what is open goes on', { skip: process.platform === 'win32' }, async (t) => {
  const command = 'ulimit -n "$1" || exit 9; shift; exec "$@"';
  const args = ['-c', command, 'sh', '64', process.execPath, '-e', program];
  const { status, stdout, stderr } = spawnSync('sh', args, { encoding: 'utf8', timeout: 30_000 });
  if (status === 9) return t.comment('ulimit is not allowed here');
  t.equal(status, 0, stderr);
  const result = JSON.parse(stdout) as Record<string, unknown>;
  t.ok((result.opened as number) > 3, `${result.opened} ports`);
  t.equal(result.code, 'EMFILE');
  t.match(result.message, /ulimit -n/);
  t.equal(result.received, 1);
  t.equal(result.again, 'none');
});
