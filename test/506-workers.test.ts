import t from 'tap';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './child';
import { vale } from './folder';
import { open, udpFrame, Workers, type SenderStats, type SinkStats } from 'node-netmap';

const folder = mkdtempSync(join(tmpdir(), 'node-netmap-workers-'));
t.teardown(() => rmSync(folder, { recursive: true }));

/** A module that makes apps; `code` is what the function does. */
function makeModule(name: string, code: string): URL {
  const file = join(folder, name);
  const library = JSON.stringify(pathToFileURL(join(root, 'lib/index.js')).href);
  writeFileSync(file, `import { App, Sink } from ${library};\nexport default (port, options, place) => { ${code} };\n`);
  return pathToFileURL(file);
}

t.test('a generator in a worker for each ring of a null port', async (t) => {
  using port = open('null:', { device: 'engine' });
  await using workers = new Workers<SenderStats>(port, 'Generator', {
    threads: 2,
    options: (index, threads) => ({ count: (index + 1) * 1000 * threads }),
  });
  t.equal(workers.threads, 2);
  await workers.start();
  t.match(workers.stats(), { packets: 6000, bytes: 360_000, pending: 0 });
  t.ok(workers.stats().pps > 0);
  t.strictSame(
    workers.each().map(({ packets }) => packets),
    [2000, 4000],
  );
});

t.test('a sink in a worker for each ring of a port, which other rings of a sender feed', async (t) => {
  using to = open(vale('many@conf:rings=2'));
  using from = open(vale('sender@conf:rings=2'));
  await using workers = new Workers<SinkStats>(to, 'Sink', { options: { count: 100 }, every: 10 });
  const done = workers.start();
  // The switch spreads packets over rings only when it knows where they go.
  const home = '02:00:00:00:00:aa';
  to.inject(udpFrame({ srcMac: home }));
  to.txSync();
  from.rxSync();
  for (let n = 0; n < 100; n++) {
    for (const ring of from.txRings) ring.advance(ring.writeFrame(udpFrame({ dstMac: home })));
    from.txSync();
  }
  await done;
  t.match(workers.stats(), { packets: 200 });
  t.strictSame(
    workers.each().map(({ packets }) => packets),
    [100, 100],
  );
  t.equal(from.counters()?.txPackets, 200);
});

t.test('stats while it runs, and a stop that all hear', async (t) => {
  using port = open('null:', { device: 'engine' });
  const workers = new Workers<SenderStats>(port, 'Generator', { threads: 2, every: 5 });
  t.match(workers.stats(), { packets: 0, bytes: 0, seconds: 0, pps: 0 });
  const done = workers.start();
  while (workers.stats().packets === 0) await new Promise((later) => setTimeout(later, 5));
  workers.stop();
  await done;
  t.equal(workers.each().length, 2);
});

t.test('an app of one’s own, with what it was given', async (t) => {
  using port = open(vale('own@conf:rings=2'));
  const module = makeModule(
    'own.mjs',
    `return new (class extends App {
       async run() { this.meter.add(options.base + place.index, port.rxRings.length * place.threads); }
       stats() { return { ...this.meter.traffic(), name: port.name, kind: port.rxRings[0].kind, lost: null }; }
     })(port);`,
  );
  await using workers = new Workers(port, module, { options: { base: 10 } });
  await workers.start();
  t.strictSame(workers.stats(), {
    packets: 21,
    bytes: 4,
    seconds: 0,
    pps: 0,
    name: port.name,
    kind: 'rx',
    lost: null,
  });
});

t.test('what fails in a worker fails here, and all end', async (t) => {
  using port = open(vale('failing@conf:rings=2'));
  const bad = makeModule(
    'bad.mjs',
    `if (place.index === 1) throw new RangeError('no such luck'); return new Sink(port);`,
  );
  await t.rejects(new Workers(port, bad).start(), new RangeError('no such luck'));
  const dies = makeModule(
    'dies.mjs',
    `if (place.index === 0) setTimeout(() => process.exit(3), 10); return new Sink(port);`,
  );
  await t.rejects(new Workers(port, dies).start(), { code: 'ERR_NETMAP_WORKER', message: /worker 0 .*exit code 3/ });
  const silent = makeModule('silent.mjs', 'return new Sink(port);');
  writeFileSync(join(folder, 'none.mjs'), 'export const nothing = 1;');
  await t.rejects(new Workers(port, pathToFileURL(join(folder, 'none.mjs'))).start(), { name: 'TypeError' });
  const fine = new Workers(port, silent);
  const done = fine.start();
  fine.stop();
  await done;
});

t.test('too many and too few threads, unknown apps', async (t) => {
  using port = open(vale('refused@conf:rings=2'));
  t.throws(() => new Workers(port, 'Sink', { threads: 1 }), {
    code: 'ERR_OUT_OF_RANGE',
    message: /one for each rx ring/,
  });
  t.throws(() => new Workers(port, 'Sink', { threads: 3 }), { code: 'ERR_OUT_OF_RANGE', message: /"@conf:rings=3"/ });
  t.throws(() => new Workers(port, 'Generator', { threads: 3 }), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => new Workers(port, 'Generator', { threads: 0 }), { code: 'ERR_OUT_OF_RANGE' });
  t.equal(new Workers(port, 'Generator', { threads: 1 }).threads, 1);
  t.throws(() => new Workers(port, 'Nothing'), { code: 'ERR_INVALID_ARG_VALUE', message: /Generator, Sink/ });
  t.throws(() => new Workers('vale0:a' as never, 'Sink'), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => new Workers(port, 'Sink', { direction: 'up' as never }), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => new Workers(port, 'Sink', { thread: 2 } as never), { code: 'ERR_INVALID_ARG_VALUE' });
});
