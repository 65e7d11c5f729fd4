import { pipe, scratch, vale } from './folder';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { run, start } from './support/cli';

t.test('ports', async (t) => {
  const sink = await start(t, ['sink', vale('b')]);
  const waiting = await start(t, ['generate', pipe('{')]);
  await run(t, ['generate', vale('a'), '--count', '100']);
  const { code, lines, summary, stderr } = await run(t, ['ports', '--json']);
  t.equal(code, 0);
  t.equal(stderr, '');
  t.match(lines[0], { type: 'start', device: 'engine', folder: scratch });
  const port = lines.find(({ name }) => name === vale('b'))!;
  t.match(port, { type: 'port', kind: 'vale', switchName: vale('').slice(0, -1), rxRings: 1, rxSlots: 1024 });
  t.strictSame(port.owners, [sink.child.pid]);
  t.match(port.counters, { rxPackets: 100, rxBytes: 6000, txPackets: 0, dropFull: 0 });
  t.ok(lines.some(({ kind, owners }) => kind === 'pipe' && (owners as number[])[0] === waiting.child.pid));
  t.match(summary, {
    type: 'summary',
    ports: 3, // both ends of the pipe exist, though nobody has opened the other one
    switches: 1,
    packets: Number,
    bytes: Number,
    device: 'engine',
    port: null,
  });

  const people = await run(t, ['ports']);
  t.match(people.stdout, `the engine in ${scratch}`);
  t.match(people.stdout, new RegExp(`${vale('b')} .* ${sink.child.pid} .* 100 `));
  t.match(people.stdout, /3 ports, 1 switch/);
});

t.test('no ports', async (t) => {
  const { code, stdout } = await run(t, ['ports'], { env: { NODE_NETMAP_DIR: join(scratch, 'nothing-here') } });
  t.equal(code, 0);
  t.match(stdout, /no port is open/);
  t.notOk(existsSync(join(scratch, 'nothing-here')), 'looking makes nothing');
});

t.test('probe', async (t) => {
  const { code, lines, summary } = await run(t, ['probe', '--json']);
  t.equal(code, 0);
  t.match(lines[0], { type: 'start', device: /kernel|engine/ });
  t.match(summary, { type: 'summary', packets: 0, bytes: 0, seconds: 0, pps: 0, port: null, device: /kernel|engine/ });
  t.match(summary.engine, { folder: scratch, usable: true, limits: { switches: 8, ports: 252 } });
  t.match(summary.kernel, { present: existsSync('/dev/netmap') });

  const people = await run(t, ['probe']);
  t.match(people.stdout, /^ports are opened on the (engine|kernel)\n/);
  t.match(people.stdout, scratch);
});

t.test(
  'probe with nothing to work with',
  { skip: existsSync('/dev/netmap') && 'there is a kernel device' },
  async (t) => {
    const { code, stdout } = await run(t, ['probe', '--device', 'kernel']);
    t.equal(code, 1);
    t.match(stdout, /no port can be opened here/);
    t.match(stdout, /problem: [^]*remedy: /);
  },
);
