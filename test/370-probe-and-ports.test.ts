import t from 'tap';
import { vale } from './folder';
import { open, ports, probe, reclaimedPorts } from 'node-netmap';
import { runNode } from './child';

t.test('probe', async (t) => {
  const report = probe();
  t.ok(report.device === 'kernel' || report.device === 'engine');
  t.equal(report.platform, `${process.platform}-${process.arch}`);
  t.equal(typeof report.kernel.present, 'boolean');
  if (!report.kernel.usable) t.ok(report.kernel.error);
  if (process.platform === 'linux') {
    t.equal(report.engine.usable, true);
    t.equal(report.engine.folder, process.env.NODE_NETMAP_DIR);
    t.ok((report.engine.limits?.switches ?? 0) > 0);
  }
  for (const { what, remedy } of report.problems) t.ok(what && remedy);
  t.doesNotThrow(() => JSON.stringify(report));
});

t.test('probe names what stands in the way', async (t) => {
  const { stdout } = await runNode(
    `process.env.NODE_NETMAP_DEVICE = 'pigeon';
     const { device, problems } = netmap.probe();
     console.log(device, problems.length, /NODE_NETMAP_DEVICE/.test(problems.at(-1).what));`,
  );
  t.equal(stdout, 'null 1 true\n');
});

t.test('an engine folder that is not ours is refused', { skip: process.platform !== 'linux' }, async (t) => {
  const { stdout, code } = await runNode(
    `const fs = require('node:fs');
     const folder = fs.mkdtempSync(process.env.NODE_NETMAP_DIR + '/open-to-all-');
     fs.chmodSync(folder, 0o777);
     process.env.NODE_NETMAP_DIR = folder;
     const { engine, problems } = netmap.probe();
     console.log(engine.usable, problems.length > 0, problems.every(({ remedy }) => remedy));
     try { netmap.open('vale0:a', { device: 'engine' }); } catch (e) { console.log(e.code, e.hint !== undefined); }`,
  );
  t.match(stdout, /^false true true\nE[A-Z]+ true\n$/);
  t.equal(code, 0);
});

t.test('ports', async (t) => {
  using a = open(vale('a'), { rxSlots: 64 });
  using b = open(vale('b'));
  if (a.device !== 'engine') return t.strictSame(ports(), []);
  a.inject(Buffer.alloc(60, 0xff));
  a.inject(Buffer.alloc(5, 0xff));
  a.txSync();
  const report = new Map(ports().map((port) => [port.name, port]));
  const seen = report.get(vale('a'));
  t.ok(seen);
  t.equal(seen?.kind, 'vale');
  t.equal(seen?.switchName, vale('a').split(':')[0]);
  t.equal(seen?.rxSlots, 64);
  t.equal(seen?.memId, a.memId);
  t.strictSame(seen?.owners, [process.pid]);
  t.ok((seen?.counters.txPackets ?? 0) >= 1);
  t.equal(seen?.counters.dropBad, 1);
  t.equal(report.get(vale('b'))?.counters.rxBytes, 60);
  t.strictSame(a.counters(), seen?.counters);
  t.equal(b.counters()?.rxPackets, 1);
});

t.test('ports of the dead', { skip: process.platform !== 'linux' && 'the engine runs on Linux' }, async (t) => {
  using kept = open(vale('kept'));
  if (kept.device !== 'engine') return t.comment('about the engine');
  const before = reclaimedPorts().length;
  open(vale('closed')).close();
  t.equal(reclaimedPorts().length, before, 'a port that was closed is not among them');
  const started = Date.now();
  await runNode(`netmap.open('${vale('lost')}'); process.kill(process.pid, 'SIGKILL');`);
  t.notOk(ports().some(({ name }) => name === vale('lost')));
  const last = reclaimedPorts().at(-1);
  t.equal(last?.name, vale('lost'));
  t.ok((last?.pid ?? 0) > 1);
  t.ok(last && Math.abs(last.at.getTime() - started) < 60_000);
  const many = `for (let k = 0; k < 17; k++) netmap.open('${vale('lost')}' + k);`;
  await runNode(`${many} process.kill(process.pid, 'SIGKILL');`);
  t.equal(reclaimedPorts().length, 16, 'the latest are kept');
  t.ok(reclaimedPorts().every(({ name }) => name.startsWith(vale('lost'))));
});
