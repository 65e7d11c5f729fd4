import { join } from 'node:path';
import t from 'tap';
import { pipe, scratch, vale } from './folder';
import { comparePackets } from 'node-netmap';
import { run } from './support/cli';
import { FLAWLESS, makeCapture, runTool, skip, startTool } from './support/kernel';

// A machine that emulates the kernel may take seconds to wake a process up: what has to arrive fits into one ring.
const RING = ['--count', '1000'];

t.test('probe', { skip }, async (t) => {
  const { code, summary } = await runTool(t, ['probe']);
  t.equal(code, 0);
  t.match(summary, { device: 'kernel', kernel: { present: true, usable: true, version: Number } });
});

t.test('generate -> switch -> sink', { skip }, async (t) => {
  const sink = await startTool(t, ['sink', vale('b'), '--check', ...RING]);
  const sent = await runTool(t, ['generate', vale('a'), ...RING]);
  const got = await sink.ended;
  t.strictSame([sent.code, sent.stderr, got.code, got.stderr], [0, '', 0, '']);
  t.match(sent.summary, { packets: 1000, bytes: 60000, pending: 0, device: 'kernel', port: vale('a') });
  t.match(got.summary, { ...FLAWLESS, packets: 1000, bytes: 60000, device: 'kernel', port: vale('b') });
});

t.test('generate -> switch -> sink, faster than the sink', { skip }, async (t) => {
  const sink = await startTool(t, ['sink', vale('b'), '--check']);
  const sent = await runTool(t, ['generate', vale('a'), '--duration', '3']);
  const { code, summary } = await sink.stop('SIGINT');
  t.strictSame([sent.code, code], [0, 0]);
  const [packets, lost] = [summary.packets as number, summary.lost as number];
  t.ok(packets > 0);
  t.ok(packets + lost <= (sent.summary.packets as number), `${packets} and ${lost} lost`);
  t.match(summary, { reordered: 0, duplicated: 0, corrupt: 0, dropped: null });
});

t.test('generate -> pipe -> sink loses nothing', { skip }, async (t) => {
  const sink = await startTool(t, ['sink', pipe('}'), '--check', '--count', '20000']);
  const sent = await runTool(t, ['generate', pipe('{'), '--count', '20000', '--length', '1514']);
  const got = await sink.ended;
  t.strictSame([sent.code, got.code], [0, 0]);
  t.match(sent.summary, { packets: 20000, bytes: 1514 * 20000, pending: 0 });
  t.match(got.summary, { ...FLAWLESS, packets: 20000, bytes: 1514 * 20000 });
});

t.test('a sink that comes late to a pipe gets everything', { skip }, async (t) => {
  const generating = await startTool(t, ['generate', pipe('{', '2'), '--count', '3000']);
  const got = await runTool(t, ['sink', pipe('}', '2'), '--check', '--count', '3000']);
  t.equal((await generating.ended).code, 0);
  t.match(got.summary, { ...FLAWLESS, packets: 3000 });
});

for (const [where, from, to] of [
  ['a switch', vale('r'), vale('c')],
  ['a pipe', pipe('{', '3'), pipe('}', '3')],
]) {
  t.test(`replay -> ${where} -> capture`, { skip }, async (t) => {
    const source = makeCapture('source.pcap', [60, 14, 61, 1514, 5000, 2048, 2049, 64, 65, 999]);
    const target = join(scratch, 'captured.pcap');
    const capturing = await startTool(t, ['capture', to, target, '--count', '10']);
    const sent = await runTool(t, ['replay', source, from]);
    const got = await capturing.ended;
    t.strictSame([sent.code, sent.stderr, got.code, got.stderr], [0, '', 0, '']);
    t.match(sent.summary, { packets: 10, skipped: 0, file: source });
    const { seconds, histograms } = sent.summary as unknown as {
      seconds: number;
      histograms: { late: { max: number } };
    };
    t.ok(seconds >= 0.089 - histograms.late.max / 1e9, 'with its own timing, but for what came too late');
    t.match(got.summary, { packets: 10, bytes: sent.summary.bytes, skipped: 0, file: target });
    t.match(comparePackets(source, target), { same: true });
  });
}

t.test('three on a switch', { skip }, async (t) => {
  const target = join(scratch, 'third.pcap');
  const capturing = await startTool(t, ['capture', vale('c'), target, '--count', '10']);
  const sink = await startTool(t, ['sink', vale('b'), '--check', '--count', '10']);
  await runTool(t, ['generate', vale('a'), '--count', '10']);
  t.match((await capturing.ended).summary, { packets: 10 });
  t.match((await sink.ended).summary, { ...FLAWLESS, packets: 10 });
});

t.test('a null port that is full is an error, not a hang', { skip }, async (t) => {
  const enough = await runTool(t, ['generate', 'null:', '--count', '100']);
  t.equal(enough.code, 0);
  t.match(enough.summary, { packets: 100 });
  const { code, stderr, summary } = await runTool(t, ['generate', 'null:']);
  t.equal(code, 1);
  t.match(stderr, /'null:' is full.*at most.*--device engine/);
  t.match(summary, { packets: 1023, port: 'null:' });
  const source = makeCapture('null.pcap', [60]);
  const replay = await runTool(t, ['replay', source, 'null:', '--loop', '0', '--top-speed']);
  t.equal(replay.code, 1);
  t.match(replay.stderr, /'null:' is full/);
});

t.test('refusals say what to do', { skip }, async (t) => {
  const nosuch = await runTool(t, ['sink', 'netmap:nosuchcard']);
  t.equal(nosuch.code, 1);
  t.match(nosuch.stderr, /no such interface/);
  await startTool(t, ['sink', vale('only/x')]);
  const second = await runTool(t, ['sink', vale('only/x')]);
  t.equal(second.code, 1);
  t.match(second.stderr, /EBUSY.*exclusively/);
});

t.test('npm start', { skip }, async (t) => {
  const env = { NODE_NETMAP_DEVICE: 'kernel', INIT_CWD: scratch };
  const { code, stdout, stderr } = await run(t, [], { script: 'lib/cli/start.js', env });
  t.equal(code, 0);
  t.equal(stderr, '');
  t.match(stdout, /^kernel: generate vale0:\w+ -> sink vale0:\w+, for 5 seconds\n/);
  t.match(stdout, /│ sink +│ +[1-9]\d+ │/);
});

t.test('npm start -- FILE', { skip }, async (t) => {
  const env = { NODE_NETMAP_DEVICE: 'kernel', INIT_CWD: scratch };
  const source = makeCapture('start.pcap', [60, 1514, 5000]);
  const { code, stdout } = await run(t, [source], { script: 'lib/cli/start.js', env });
  t.equal(code, 0, stdout);
  t.match(stdout, /same packets/);
});
