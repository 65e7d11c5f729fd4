import { scratch, vale } from './folder';
import { comparePackets, PcapReader } from 'node-netmap';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { classic, type RawPacket } from './make-capture';
import { Random } from './random';
import { noData, sharedCapture } from './shared-data';
import { run, start, type CliResult } from './support/cli';

const random = new Random(7);

/** Packets of one host to all others, `gap` microseconds apart. */
function packets(lengths: readonly number[], gap = 100): RawPacket[] {
  return lengths.map((length, n) => {
    const data = random.bytes(length);
    data.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1]);
    return { data, time: [1600000000 + Math.floor((n * gap) / 1e6), (n * gap) % 1e6] };
  });
}

function file(name: string, content?: Uint8Array): string {
  const path = join(scratch, name);
  if (content) writeFileSync(path, content);
  return path;
}

interface RoundTrip {
  sent: CliResult;
  got: CliResult;
  target: string;
}

let captures = 0;

/** Replays a file through a switch into another one. */
async function roundTrip(t: Test, source: string, replay: string[] = [], capture: string[] = []): Promise<RoundTrip> {
  // A name of its own: should a test be cut short, its capture may go on for a moment.
  const target = file(`captured${++captures}.pcap`);
  const capturing = await start(t, ['capture', vale('c/R@conf:rx-slots=4096'), target, ...capture]);
  const sent = await run(t, ['replay', source, vale('r'), ...replay, '--json']);
  const got = await capturing.stop();
  t.equal(got.code, 0);
  return { sent, got, target };
}

t.test('a capture comes out as it went in', async (t) => {
  const lengths = [60, 14, 61, 1514, 60, 2112, 2113, 9000, 65535, 60];
  for (const options of [{}, { little: false }, { nanoseconds: true }, { little: false, nanoseconds: true }]) {
    const source = file('source.pcap', classic(packets(lengths), options));
    const { sent, got, target } = await roundTrip(t, source);
    const bytes = lengths.reduce((sum, length) => sum + length, 0);
    t.equal(sent.code, 0);
    t.match(sent.summary, { packets: 10, bytes, skipped: 0, cut: 0, loops: 1, file: source, port: vale('r') });
    t.match(got.summary, { packets: 10, bytes, skipped: 0, cut: 0, dropped: 0, file: target });
    t.match(comparePackets(source, target), { same: true, packetsA: 10 }, JSON.stringify(options));
  }
});

t.test('the time stamps of a capture are nanoseconds of now, in order', async (t) => {
  const begin = Date.now() / 1000;
  const { target } = await roundTrip(t, file('source.pcap', classic(packets([60, 60, 60, 60], 20000))));
  t.equal(readFileSync(target).readUInt32LE(0), 0xa1b23c4d);
  let last = begin - 1;
  for (const { seconds, nanoseconds } of PcapReader.open(target)) {
    const time = seconds + nanoseconds / 1e9;
    t.ok(time >= last && time < Date.now() / 1000 + 1);
    last = time;
  }
  t.ok(last > begin - 1);
});

t.test('timing', async (t) => {
  // 11 packets in half a second. A busy machine may be late, nobody may be early.
  const source = file('timed.pcap', classic(packets(new Array<number>(11).fill(60), 50000)));
  const own = await run(t, ['replay', source, vale('r'), '--json']);
  t.ok((own.summary.seconds as number) >= 0.499, `${own.summary.seconds} s`);
  const slow = await run(t, ['replay', source, vale('r'), '--speed', '0.5', '--json']);
  t.ok((slow.summary.seconds as number) >= 0.999, `${slow.summary.seconds} s`);
  const years = classic([60, 60].map((length, n) => ({ data: new Uint8Array(length), time: [n * 1e9, 0] })));
  for (const fast of [['--top-speed'], ['--speed', '1e14']]) {
    const { code, summary } = await run(t, ['replay', file('years.pcap', years), vale('r'), ...fast, '--json']);
    t.equal(code, 0);
    t.equal(summary.packets, 2, fast.join(' '));
  }
});

t.test('packets that are not in the order of their times are sent in the order of the file', async (t) => {
  const shuffled = packets([60, 61, 62, 63]);
  shuffled[1].time = [1500000000, 0];
  const source = file('source.pcap', classic(shuffled));
  const { target } = await roundTrip(t, source);
  t.match(comparePackets(source, target), { same: true });
});

t.test('--loop', async (t) => {
  const source = file('source.pcap', classic(packets([60, 70, 80])));
  const { sent, got, target } = await roundTrip(t, source, ['--loop', '5', '--top-speed']);
  t.match(sent.summary, { packets: 15, bytes: 5 * 210, loops: 5 });
  t.equal(got.summary.packets, 15);
  t.strictSame(
    [...PcapReader.open(target)].length && readLengths(target),
    Array.from({ length: 5 }, () => [60, 70, 80]).flat(),
  );
  const timed = await run(t, [
    'replay',
    file('loop.pcap', classic(packets([60, 60, 60], 50000))),
    vale('r'),
    '--loop',
    '2',
    '--json',
  ]);
  // The time from the first packet, which may itself have been late.
  const { late } = timed.summary.histograms as { late: { max: number } };
  t.ok((timed.summary.seconds as number) + late.max / 1e9 >= 0.2499, 'the second pass begins one gap after the first');
});

function readLengths(path: string): number[] {
  return Array.from(PcapReader.open(path), ({ capturedLength }) => capturedLength);
}

t.test('a file with nothing in it, or with nothing to send, does not go round for ever', async (t) => {
  for (const content of [classic([]), classic([{ data: new Uint8Array(0) }])]) {
    const { code, summary } = await run(t, ['replay', file('none.pcap', content), vale('r'), '--loop', '0', '--json']);
    t.equal(code, 0);
    t.equal(summary.packets, 0);
  }
});

t.test('what is too long for the port is skipped, counted, and never cut', async (t) => {
  const source = file('source.pcap', classic([...packets([60, 5000, 9000, 61]), { data: new Uint8Array(0) }]));
  const target = file('captured.pcap');
  const capturing = await start(t, ['capture', vale('c'), target]);
  const sent = await run(t, ['replay', source, vale('r@conf:slots=4'), '--json']);
  await capturing.stop();
  t.equal(sent.code, 0);
  t.match(sent.summary, { packets: 3, bytes: 60 + 5000 + 61, skipped: 2 });
  t.strictSame(readLengths(target), [60, 5000, 61]);
  const { stdout } = await run(t, ['replay', source, vale('r@conf:slots=4')]);
  t.match(stdout, /skipped 2 packets/);
});

t.test('packets that the capture holds only the beginning of are sent as they are, and told', async (t) => {
  const source = file('source.pcap', classic([{ ...packets([60])[0], originalLength: 1514 }]));
  const { sent, target } = await roundTrip(t, source);
  t.match(sent.summary, { packets: 1, bytes: 60, cut: 1, skipped: 0 });
  t.match(comparePackets(source, target, { originalLengths: false }), { same: true });
});

t.test('--snaplen', async (t) => {
  const source = file('source.pcap', classic(packets([60, 100, 1514])));
  const { got, target } = await roundTrip(t, source, [], ['--snaplen', '90']);
  t.match(got.summary, { packets: 3, bytes: 1674, cut: 2, skipped: 0 });
  t.strictSame(
    Array.from(PcapReader.open(target), ({ capturedLength, originalLength }) => [capturedLength, originalLength]),
    [
      [60, 60],
      [90, 100],
      [90, 1514],
    ],
  );
});

t.test('capture --count, --timeout, --duration', async (t) => {
  const target = file('captured.pcap');
  const counting = await start(t, ['capture', vale('c'), target, '--count', '7']);
  await run(t, ['generate', vale('a'), '--count', '20']);
  const { code, summary } = await counting.ended;
  t.equal(code, 0);
  t.equal(summary.packets, 7);
  t.equal(readLengths(target).length, 7);
  for (const option of ['--timeout', '--duration']) {
    const over = await run(t, ['capture', vale('c'), target, option, '0.2', '--json']);
    t.equal(over.code, 0);
    t.match(over.summary, { packets: 0, fileBytes: 24 });
  }
});

t.test('the packets before the damage are kept', async (t) => {
  const whole = classic(packets([60, 61, 62, 63]));
  const source = file('cut.pcap', whole.subarray(0, whole.length - 10));
  const { sent, target } = await roundTrip(t, source, ['--top-speed']);
  t.equal(sent.code, 1);
  t.match(sent.stderr, /cut.pcap: byte \d+: packet 4: expected[^]*end of the file/);
  t.match(sent.summary, { type: 'summary', packets: 3 });
  t.strictSame(readLengths(target), [60, 61, 62]);
});

t.test('for people', async (t) => {
  const source = file('source.pcap', classic(packets([60])));
  const { stdout } = await run(t, ['replay', source, vale('r')]);
  t.match(stdout, /^t?.*:r on the (engine|kernel): 1 tx ring/);
  t.match(stdout, /sent 1 packet, 60 bytes in [\d.]+ s[^]*source.pcap/);
});

for (const name of ['afs.pcap', 'mptcp-v0.pcap', 'vrrp.pcap']) {
  const real = sharedCapture(name);
  t.test(`real traffic: ${name}`, { skip: real ? false : noData(name) }, async (t) => {
    // Both hosts of a conversation are sent by one port: without --to the switch would deliver nothing any more.
    const { sent, got, target } = await roundTrip(t, real!, ['--top-speed', '--to', vale('c')]);
    t.equal(sent.code, 0);
    t.equal(got.summary.dropped, 0);
    t.match(comparePackets(real!, target, { originalLengths: false }), { same: true });
  });
}

t.test('--to delivers a conversation of two hosts to one port', async (t) => {
  const two = packets(new Array<number>(40).fill(60)).map(({ data, time }, n) => {
    const [from, to] = n % 3 === 0 ? [1, 2] : [2, 1];
    data.set([2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from]);
    return { data, time };
  });
  const source = file('two.pcap', classic(two));
  const without = await roundTrip(t, source, ['--top-speed']);
  t.match(comparePackets(source, without.target), { same: false }, 'a learning switch knows better');
  const { target, sent } = await roundTrip(t, source, ['--top-speed', '--to', vale('c')]);
  t.match(comparePackets(source, target), { same: true });
  t.equal(sent.summary.unroutable, 0);
});
