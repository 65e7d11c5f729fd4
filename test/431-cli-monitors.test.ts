import { pipe, scratch, vale } from './folder';
import { join } from 'node:path';
import { PcapReader } from 'node-netmap';
import t from 'tap';
import { Cli, run, start } from './support/cli';

t.test('capture on a monitor: all that a port receives, until it is closed', async (t) => {
  const file = join(scratch, 'seen.pcap');
  const sink = await start(t, ['sink', vale('b'), '--count', '500']);
  const capture = await start(t, ['capture', `${vale('b')}/r`, file]);
  const { code } = await run(t, ['generate', vale('a'), '--count', '500', '--rate', '20k']);
  t.equal(code, 0);
  t.match((await sink.ended).summary, { packets: 500, dropped: 0 });
  const seen = await capture.ended; // by itself: the sink has closed the port
  t.equal(seen.code, 0);
  t.equal(seen.stderr, '');
  t.match(seen.summary, { packets: 500, dropped: 0 });
  let packets = 0;
  for (const _ of PcapReader.open(file)) packets++;
  t.equal(packets, 500);
});

t.test('it says why it ends', async (t) => {
  const generator = await start(t, ['generate', vale('a'), '--rate', '1k']);
  const monitor = new Cli(t, ['sink', `${vale('a')}/t`]);
  await monitor.said(/on the engine/);
  await generator.stop('SIGINT');
  const { code, stdout } = await monitor.ended;
  t.equal(code, 0);
  t.match(stdout, /ended: the port that it watched has been closed/);
});

t.test('a zero-copy monitor does no harm to what is sent', async (t) => {
  const sink = await start(t, ['sink', vale('b'), '--check']);
  const generator = await start(t, ['generate', vale('a'), '--rate', '20k']);
  const monitor = await start(t, ['sink', `${vale('a')}/z`, '--check', '--count', '5000']);
  const good = { reordered: 0, duplicated: 0, corrupt: 0 };
  t.match((await monitor.ended).summary, { ...good, packets: 5000 }); // several rounds of the generator's ring
  const sent = (await generator.stop('SIGINT')).summary;
  const got = (await sink.stop('SIGINT')).summary;
  t.match(got, good);
  t.equal(Number(got.packets) + Number(got.dropped), sent.packets);
});

t.test('ports lists monitors, and those whose port is gone', async (t) => {
  const sink = await start(t, ['sink', pipe('{')]);
  const monitor = await start(t, ['sink', `${pipe('{')}/rt`]);
  const { lines } = await run(t, ['ports', '--json']);
  t.match(
    lines.find(({ kind }) => kind === 'monitor'),
    { name: `${pipe('{')}/rt`, ended: false, owners: [monitor.child.pid] },
  );
  await sink.stop('SIGINT');
  t.equal((await monitor.ended).code, 0);
});

t.test('a monitor of a port that nobody has open', async (t) => {
  const { code, stderr } = await run(t, ['sink', `${vale('nobody')}/r`]);
  t.equal(code, 1);
  t.match(stderr, /nobody has '.*:nobody' open/);
});

t.test('a monitor sends nothing', async (t) => {
  await start(t, ['sink', vale('b')]);
  const { code, stderr } = await run(t, ['generate', `${vale('b')}/r`]);
  t.equal(code, 1);
  t.match(stderr, /no ring to send by; it is a monitor, which only watches: open a port of its own/);
});
