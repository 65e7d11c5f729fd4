import { vale } from './folder';
import { open, verifyFrame } from 'node-netmap';
import t from 'tap';
import { run, start } from './support/cli';

t.test('what is sent is received or counted as dropped, to the packet', async (t) => {
  const sink = await start(t, ['sink', vale('b'), '--check']);
  const sent = await run(t, ['generate', vale('a'), '--count', '300k', '--json']);
  const got = await sink.stop();
  t.equal(sent.code, 0);
  t.equal(got.code, 0);
  t.equal(sent.summary.packets, 300000);
  t.equal(sent.summary.bytes, 60 * 300000);
  const { packets, dropped, lost, reordered, duplicated, corrupt, unnumbered, streams } =
    got.summary as never as Record<string, number>;
  t.equal(packets + dropped, 300000);
  t.ok(packets > 0);
  t.ok(lost <= dropped, 'what is missing at the very end leaves no gap');
  t.strictSame(
    { reordered, duplicated, corrupt, unnumbered, streams },
    { reordered: 0, duplicated: 0, corrupt: 0, unnumbered: 0, streams: 1 },
  );
});

t.test('JSON lines', async (t) => {
  const sink = await start(t, ['sink', vale('b'), '--device', 'engine']);
  const { lines, stderr } = await run(t, ['generate', vale('a'), '--duration', '1.3', '--rate', '1000', '--json']);
  t.equal(stderr, '');
  t.match(lines[0], { type: 'start', command: 'generate', port: vale('a'), rings: 1, slots: 1024, bufSize: Number });
  t.match(lines[1], { type: 'interval', elapsed: Number, packets: Number, bytes: Number, pps: Number, bps: Number });
  t.match(lines.at(-1), {
    type: 'summary',
    packets: Number,
    bytes: Number,
    seconds: Number,
    pps: Number,
    device: /engine|kernel/,
  });
  const { summary } = await sink.stop();
  t.match(summary, { type: 'summary', packets: Number, bytes: Number, seconds: Number, pps: Number, dropped: 0 });
  t.match(summary, { device: 'engine', port: vale('b') });
  t.notOk('lost' in summary, 'no audit without --check');
  t.equal(summary.packets, lines.at(-1)!.packets);
  t.equal(summary.bytes, lines.at(-1)!.bytes);
});

t.test('for people: the first line names the device, the last one says how much', async (t) => {
  const { code, stdout, stderr } = await run(t, ['generate', 'null:', '--count', '100', '--length', '100']);
  t.equal(code, 0);
  t.equal(stderr, '');
  t.match(stdout, /^null: on the (engine|kernel): 1 tx ring of 1024 slots, buffers of \d+ bytes\n/);
  t.match(stdout, /sent 100 packets, 10000 bytes in [\d.]+ s: [\d.]+ [kMG]?pps, [\d.]+ [kMG]?bit\/s\n$/);
});

t.test('the frames are as asked for', async (t) => {
  const port = open(vale('b'));
  t.teardown(() => port.close());
  const addresses = [
    '--dst-mac',
    '02:00:00:00:00:b0',
    '--src-mac',
    '02-0-0-0-0-a0',
    '--dst-ip',
    '1.2.3.4',
    '--src-ip',
    '5.6.7.8',
  ];
  const more = ['--dst-port', '7', '--src-port', '65535', '--length', '99', '--count', '700', '--batch', '100'];
  const { code } = await run(t, ['generate', vale('a'), ...addresses, ...more]);
  t.equal(code, 0);
  port.rxSync();
  const [ring] = port.rxRings;
  t.equal(ring.available, 700);
  let valid = 0;
  const numbers: number[] = [];
  for (let k = 0, i = ring.head; k < 700; k++, i = ring.next(i)) {
    if (verifyFrame(ring.payload(i)) === 'valid' && ring.length(i) === 99) valid++;
    numbers.push(Buffer.from(ring.payload(i)).readUInt32BE(44));
  }
  t.equal(valid, 700, 'checksums hold in all');
  t.strictSame(
    numbers,
    Array.from({ length: 700 }, (_, n) => n),
  );
  const frame = Buffer.from(ring.payload(ring.head));
  t.equal(frame.toString('hex', 0, 14), '0200000000b0' + '0200000000a0' + '0800');
  t.equal(frame.toString('hex', 26, 38), '05060708' + '01020304' + 'ffff' + '0007');
});

t.test('broadcast UDP of 60 bytes unless told otherwise', async (t) => {
  const port = open(vale('b'));
  t.teardown(() => port.close());
  await run(t, ['generate', vale('a'), '--count', '1']);
  port.rxSync();
  const frame = Buffer.from(port.rxRings[0].payload(port.rxRings[0].head));
  t.equal(frame.length, 60);
  t.equal(frame.toString('hex', 0, 6), 'ffffffffffff');
  t.equal(frame[23], 17, 'UDP');
  t.equal(verifyFrame(frame), 'valid');
});

t.test('frames over several slots', async (t) => {
  const sink = await start(t, ['sink', vale('b'), '--check', '--count', '200']);
  const sent = await run(t, ['generate', vale('a'), '--count', '200', '--length', '9000', '--rate', '5000', '--json']);
  const { code, summary } = await sink.ended.then((ended) => ended);
  t.equal(code, 0);
  t.equal(sent.summary.bytes, 200 * 9000);
  t.match(summary, { packets: 200, bytes: 200 * 9000, lost: 0, corrupt: 0, unnumbered: 0 });
});

t.test('sink --count ends at exactly so many', async (t) => {
  const sink = await start(t, ['sink', vale('b'), '--count', '150']);
  await run(t, ['generate', vale('a'), '--count', '400']);
  const { code, summary } = await sink.ended;
  t.equal(code, 0);
  t.equal(summary.packets, 150);
});

t.test('sink --timeout ends when nothing has come for so long, --duration in any case', async (t) => {
  const begin = performance.now();
  const [quiet, over] = await Promise.all([
    run(t, ['sink', vale('b'), '--timeout', '0.3', '--json']),
    run(t, ['sink', vale('c'), '--duration', '0.3', '--json']),
  ]);
  t.ok(performance.now() - begin >= 300);
  for (const { code, summary } of [quiet, over]) {
    t.equal(code, 0);
    t.match(summary, { packets: 0, bytes: 0, seconds: 0, pps: 0, dropped: 0 });
  }
});

t.test('packets that nobody can get are told', async (t) => {
  const { summary } = await run(t, ['generate', vale('alone'), '--count', '10', '--json']);
  t.match(summary, { packets: 10, unroutable: 10 });
  const { stdout } = await run(t, ['generate', vale('alone'), '--count', '10']);
  t.match(stdout, /10 packets reached nobody/);
});

t.test('two generators are told apart', async (t) => {
  const sink = await start(t, ['sink', vale('b'), '--check']);
  const args = ['--count', '300', '--rate', '1000'];
  await Promise.all([run(t, ['generate', vale('a'), ...args]), run(t, ['generate', vale('c'), ...args])]);
  const { summary } = await sink.stop();
  t.match(summary, { packets: 600, lost: 0, reordered: 0, duplicated: 0, corrupt: 0, streams: 2 });
});

t.test('what is no generator packet, or is damaged, is told apart', async (t) => {
  const sink = await start(t, ['sink', vale('b'), '--check']);
  const port = open(vale('a'));
  t.teardown(() => port.close());
  const arp = new Uint8Array(60).fill(0xff, 0, 6);
  arp.set([0x08, 0x06], 12);
  port.inject(arp);
  const ip = Buffer.from('ffffffffffff0200000000010800' + '45000014', 'hex');
  port.inject(Buffer.concat([ip, Buffer.alloc(30)]));
  port.txSync();
  const { summary } = await sink.stop();
  t.match(summary, { packets: 2, unnumbered: 1, corrupt: 1, lost: 0, streams: 0 });
});
