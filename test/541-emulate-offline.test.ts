import { scratch } from './folder';
import { createCapture, Emulator, OfflineEmulation, PcapReader, udpFrame } from 'node-netmap';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { root } from './child';
import { classic, type RawPacket } from './make-capture';
import { noData, sharedCapture } from './shared-data';
import { run } from './support/cli';
import { plainNode } from './support/plain-node';

const noFull = existsSync('/dev/full') ? false : 'there is no /dev/full';

/** Frames every `gap` ns, in turn from 10.0.0.1 and 10.1.0.1. */
function packets(count: number, gap: number, length = 1000): RawPacket[] {
  return Array.from({ length: count }, (_, k) => {
    const [srcIp, dstIp] = k % 2 === 0 ? ['10.0.0.1', '10.1.0.1'] : ['10.1.0.1', '10.0.0.1'];
    const ns = 999_999_000 + k * gap;
    return { data: udpFrame({ length, srcIp, dstIp }), time: [1600000000 + Math.floor(ns / 1e9), ns % 1e9] };
  });
}

function file(name: string, content?: Uint8Array): string {
  const path = join(scratch, name);
  if (content) writeFileSync(path, content);
  return path;
}

/** Time since the first packet went in, and sender, of each packet of a file. */
function read(path: string): [ns: number, from: string][] {
  return Array.from(PcapReader.open(path), ({ seconds, nanoseconds, data }) => [
    (seconds - 1600000000) * 1e9 + nanoseconds - 999_999_000,
    data.subarray(26, 30).join('.'),
  ]);
}

t.test('a capture in, a capture out: times to the nanosecond, each direction on its link', async (t) => {
  const source = file('in.pcap', classic(packets(6, 1000), { nanoseconds: true }));
  const target = file('out.pcap');
  const options = ['--bandwidth', '8Mbit/s', '--bandwidth', '80Mbit/s', '--delay', '3ms', '--delay', '1ms'];
  const { code, summary, stderr } = await run(t, [
    ...['emulate', '--offline', source, target, '--inside', 'src-ip 10.0.0.0/24', ...options, '--json'],
  ]);
  t.equal(stderr, '');
  t.equal(code, 0);
  t.match(summary, { packets: 6, bytes: 6000, outPackets: 6, outBytes: 6000, dropped: 0, filled: 0, late: 0 });
  // 1024 bytes: 1.024 ms out, 0.1024 ms in.
  t.strictSame(read(target), [
    [1_103_400, '10.1.0.1'],
    [1_205_800, '10.1.0.1'],
    [1_308_200, '10.1.0.1'],
    [4_024_000, '10.0.0.1'],
    [5_048_000, '10.0.0.1'],
    [6_072_000, '10.0.0.1'],
  ]);
  t.equal(readFileSync(target).readUInt32LE(0), 0xa1b23c4d, 'nanoseconds');
});

t.test('the name of the output tells its format', async (t) => {
  const source = file('in.pcapng.gz');
  const writer = createCapture(source);
  for (const { data, time } of packets(6, 1000)) writer.write(data, 0, data.length, data.length, ...time!);
  writer.close();
  for (const [name, gzip, magic] of [
    ['out.pcapng', false, 0x0a0d0d0a],
    ['out.pcap.gz', true, 0xa1b23c4d],
    ['out.pcapng.gz', true, 0x0a0d0d0a],
  ] as const) {
    const target = file(name);
    const { code, stderr } = await run(t, ['emulate', '--offline', source, target, '--delay', '3ms']);
    t.equal(code, 0, stderr);
    const bytes = readFileSync(target);
    t.equal((gzip ? gunzipSync(bytes) : bytes).readUInt32LE(0), magic);
    t.strictSame(
      read(target).map(([ns]) => ns),
      [0, 1, 2, 3, 4, 5].map((k) => 3_000_000 + 1000 * k),
    );
  }
});

t.test('--seed: the same file each time, another one with another seed', async (t) => {
  const source = file('in.pcap', classic(packets(300, 100_000), { nanoseconds: true }));
  const emulate = async (seed: number, name: string) => {
    const target = file(name);
    const words = ['--delay', '20ms', '--jitter', '5ms,normal', '--loss', '10%', '--duplicate', '5%'];
    const { code } = await run(t, ['emulate', '--offline', source, target, ...words, '--seed', String(seed)]);
    t.equal(code, 0);
    return readFileSync(target).toString('base64');
  };
  const [first, second, other] = await Promise.all([emulate(7, 'a.pcap'), emulate(7, 'b.pcap'), emulate(8, 'c.pcap')]);
  t.equal(first, second);
  t.not(first, other);
  const emulator = new Emulator(
    'pipe 1 config delay 20ms plr 10% jitter 5ms,normal duplicate 5%\npipe 2 config delay 20ms\n' +
      'add 100 pipe 1 ip from any to any out\nadd 200 pipe 2 ip from any to any in',
    { seed: 7 },
  );
  await new OfflineEmulation(source, file('d.pcap'), emulator).run();
  t.equal(readFileSync(file('d.pcap')).toString('base64'), first, 'from TypeScript as well');
});

t.test('what is odd about a capture is told', async (t) => {
  const odd = packets(5, 1e6);
  odd[1].originalLength = 1400;
  odd[2].time = odd[0].time;
  odd.push({ data: new Uint8Array(0), time: odd[4].time });
  const source = file('odd.pcap', classic(odd, { nanoseconds: true }));
  const { code, stdout } = await run(t, ['emulate', '--offline', source, file('out.pcap'), '--delay', '1ms']);
  t.equal(code, 0);
  t.match(stdout, /5 packets in, 5 packets out[^]*1 packet filled up[^]*1 packet left out[^]*1 packet stood behind/);
  t.strictSame(
    Array.from(PcapReader.open(file('out.pcap')), ({ capturedLength }) => capturedLength),
    [1000, 1400, 1000, 1000, 1000],
  );
});

t.test('a damaged capture yields what stands before the damage', async (t) => {
  const whole = classic(packets(4, 1000), { nanoseconds: true });
  const source = file('cut.pcap', whole.subarray(0, whole.length - 10));
  const { code, stderr } = await run(t, ['emulate', '--offline', source, file('out.pcap'), '--delay', '9ms']);
  t.equal(code, 1);
  t.match(stderr, /cut.pcap: byte \d+: packet 4/);
  t.equal(read(file('out.pcap')).length, 3);
});

t.test('wrong usage', async (t) => {
  const source = file('in.pcap', classic(packets(1, 1)));
  const raw = file('raw.pcap', classic(packets(1, 1), { linkType: 101 }));
  const wrong: [string[], RegExp][] = [
    [[source], /two files/],
    [[source, file('o'), 'more'], /two files/],
    [[source, file('o'), '--bandwidth', '10'], /--bandwidth[^]*unit/],
    [[source, file('o'), '--loss', '3'], /"--loss"[^]*'3' is no probability/],
    [[source, file('o'), '--delay', '1ms', '--jitter', '5'], /--jitter[^]*unit/],
    [[source, file('o'), '--reorder', '1%,5'], /--reorder[^]*unit/],
    [[source, file('o'), '--delay', '1ms', '--aqm', 'red'], /"--aqm"[^]*w_q/],
    [[source, file('o'), '--delay', '1ms', '--delay', '1e3s'], /"--delay"[^]*'1e3s'/],
    [[source, file('o'), '--report', source], /--report[^]*another file/],
    [[source, file('o'), '--log', file('o')], /--log[^]*another file/],
    [[source, file('o'), '--delay', '1ms', '--delay', '1ms', '--delay', '1ms'], /--delay[^]*twice/],
    [[source, file('o'), '-c', file('none.conf')], /none.conf/],
    [[source, file('o'), '--inside', 'frob'], /--inside[^]*'frob' is no option/],
    [[source, ''], /two files/],
    [[source, file('o'), '--aqm', ''], /"--aqm" must be one value/],
    [[source, file('o'), '--trace', ' '], /"--trace" must be one value/],
    [[source, file('o'), '--delay', '1ms', '--at', 'x'], /^node-netmap: "--at" is wrong: 'x' is no time/],
    [[source, file('o'), '--at', '1s pipe 9 change bw 1Mbit/s'], /"--at" is wrong: there is no pipe 9/],
    [[source, file('o'), '--delay', '1ms', '--at', '1s pipe 1 change plr 1\npipe flush'], /"--at" must be one command/],
    [[source, file('o'), '--spin'], /--spin does not go with --offline/],
    [[file('nothing.pcap'), file('o')], /nothing.pcap/],
    [[raw, file('o')], /Ethernet[^]*101/],
  ];
  for (const [args, message] of wrong) {
    const { code, stderr } = await run(t, ['emulate', '--offline', ...args]);
    t.not(code, 0, args.join(' '));
    t.match(stderr, message);
  }
});

t.test('an emulator and an emulation are for one capture, and the file of another one stays', async (t) => {
  const source = file('once.pcap', classic(packets(5, 1000), { nanoseconds: true }));
  const kept = file('kept.pcap', Buffer.from('kept'));
  const busy = { code: 'EBUSY' };
  const used = new Emulator();
  used.advance(5);
  t.throws(() => new OfflineEmulation(source, kept, used), busy);
  t.throws(() => new OfflineEmulation(source, kept, new Emulator(), { log: {} as never }), { message: /options\.log/ });
  t.equal(readFileSync(kept, 'utf8'), 'kept');
  const emulator = new Emulator();
  const [first, second] = ['1', '2'].map((name) => new OfflineEmulation(source, file(`once${name}.pcap`), emulator));
  await first.run();
  await t.rejects(first.run(), busy);
  await t.rejects(second.run(), busy, 'its clock has gone on');
  t.match(first.stats(), { packets: 5, outPackets: 5, late: 0 });
});

t.test('--trace from a pipe: read once for both links; nobody writes, nobody waits', async (t) => {
  const fifo = file('trace.fifo');
  execFileSync('mkfifo', [fifo]);
  const args = ['emulate', '--offline', file('once.pcap'), file('fifo.pcap'), '--trace', fifo];
  t.match(await run(t, args), { code: 2, stderr: /"--trace"[^]*empty/ });
  const writer = spawn('sh', ['-c', 'exec 3<>"$0"; printf "0 1Mbit/s\\n1 end\\n" >&3; read -r go', fifo]);
  const filled = new Promise((done) => writer.once('spawn', () => setTimeout(done, 100)));
  await filled;
  const cli = run(t, args);
  setTimeout(() => writer.stdin.end('\n'), 1000);
  t.match(await cli, { code: 0, stdout: /pipe 2 \(1\.00 Mbit\/s\)/ });
});

t.test('Ctrl-C ends what waits for a FIFO that nobody opens', async (t) => {
  const [input, output, commands] = ['i', 'o', 'c'].map((name) => file(`${name}.fifo`)); // they must not meet
  execFileSync('mkfifo', [input, output, commands]);
  const cases = [
    ['--offline', input, file('o')],
    ['--offline', file('once.pcap'), output],
    ['--offline', file('once.pcap'), file('o'), '-c', commands],
  ];
  await Promise.all(
    cases.map(async (args) => {
      const [command, ...node] = plainNode;
      const child = spawn(command, [...node, join(root, 'lib/cli/main.js'), 'emulate', ...args], { stdio: 'ignore' });
      const ended = new Promise<unknown>((done) => child.on('exit', (code, signal) => done(signal ?? code)));
      // It waits when it takes no more of the processor.
      const work = () => readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(' ').slice(13, 15).map(Number);
      for (let [before, now] = [-1, 0]; now !== before || now === 0;) {
        await new Promise((done) => setTimeout(done, 400));
        before = now;
        now = work().reduce((sum, ticks) => sum + ticks);
      }
      child.kill('SIGINT');
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      t.ok([130, 'SIGINT'].includes((await ended) as never), args.join(' '));
      clearTimeout(late);
    }),
  );
});

t.test('a capture is never written over itself', async (t) => {
  const content = classic(packets(5, 1e6), { nanoseconds: true });
  const source = file('itself.pcap', content);
  const link = file('link.pcap');
  symlinkSync('itself.pcap', link);
  for (const target of [source, link]) {
    t.match(await run(t, ['emulate', '--offline', source, target]), { code: 2, stderr: /another file than "input"/ });
    t.ok(readFileSync(source).equals(content));
  }
  t.throws(() => new OfflineEmulation(source, link, new Emulator()), { code: 'ERR_INVALID_ARG_VALUE' });
});

t.test('what is dropped, as a part of what came in', async (t) => {
  const source = file('in.pcap', classic(packets(8, 1e6), { nanoseconds: true }));
  const { stdout } = await run(t, ['emulate', '--offline', source, file('out.pcap'), '--loss', '1']);
  t.match(stdout, /8 packets in, 0 packets out[^]*dropped 8 packets \(loss 8\), 100\.00 %/);
});

t.test('a full disk: what happened is told first, and then what failed', { skip: noFull }, async (t) => {
  const source = file('full.pcap', classic(packets(3, 1)));
  const logging = file('log.conf', Buffer.from('add count log ip from any to any'));
  const cases: [string[], RegExp, RegExp][] = [
    [[source, '/dev/full'], /3 packets in, 3 packets out, \S+ s\n/, /cannot write \/dev\/full/],
    [[source, file('o'), '--report', '/dev/full'], /: wrote /, /cannot write the report: ENOSPC.*\/dev\/full/],
    [[source, file('o'), '-c', logging, '--log', '/dev/full'], /: wrote /, /cannot write \/dev\/full/],
  ];
  for (const [args, stdout, stderr] of cases) {
    t.match(await run(t, ['emulate', '--offline', ...args]), { code: 1, stdout, stderr }, args.join(' '));
  }
});

t.test('from standard input to standard output, with a reader that takes its time', async (t) => {
  const source = file('in.pcap', classic(packets(500, 1e6), { nanoseconds: true }));
  const args = [join(root, 'lib/cli/main.js'), 'emulate', '--offline', '-', '-', '--delay', '5ms'];
  const child = spawn(process.execPath, args);
  child.stdin.end(readFileSync(source));
  // Its last words come when all is written, or for an error.
  const said = new Promise<string>((done) => child.stderr.once('data', (data) => done(String(data))));
  await Promise.race([said, new Promise((done) => setTimeout(done, 1500))]);
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  t.match(await said, /500 packets in, 500 packets out/);
  t.equal([...PcapReader.from(Buffer.concat(chunks))].length, 500);
});

t.test('--aqm takes the schedulers that manage their queues', async (t) => {
  const source = file('in.pcap', classic(packets(200, 1e5), { nanoseconds: true }));
  const words = ['--bandwidth', '4Mbit/s', '--aqm', 'fq_codel target 2ms', '--json'];
  const { code, summary } = await run(t, ['emulate', '--offline', source, file('out.pcap'), ...words]);
  t.equal(code, 0);
  t.match(summary, { links: [{ scheduler: 'fq_codel' }, { scheduler: 'fq_codel' }] });
});

t.test('--report: a page with delay over time', async (t) => {
  const source = file('in.pcap', classic(packets(200, 1e6), { nanoseconds: true }));
  const page = file('run.html');
  const words = ['--bandwidth', '2Mbit/s', '--queue', '1000', '--report', page];
  const { code } = await run(t, ['emulate', '--offline', source, file('out.pcap'), ...words]);
  t.equal(code, 0);
  const html = readFileSync(page, 'utf8');
  t.match(html, /<h2>Delay over time<\/h2>/);
  const json = /<script type="application\/json" id="record">([^]*?)<\/script>/.exec(html)![1];
  const { curves } = JSON.parse(json) as { curves: { title: string; lines: { values: (number | null)[] }[] }[] };
  const delays = curves[0].lines[0].values.filter((value) => value !== null);
  t.ok(delays.length > 10);
  t.ok(delays.at(-1)! > 5 * delays[0], `a queue that fills: ${delays[0]} to ${delays.at(-1)} ms`);
});

t.test('the curve of delay has the delays, also of packets that are under way when it is looked at', async (t) => {
  const source = file('in.pcap', classic(packets(750, 2e6), { nanoseconds: true }));
  writeFileSync(file('slow.trace'), '0 12Mbit/s\n0.2 4Mbit/s\n0.5 500Kbit/s 60ms\n0.7 8Mbit/s 30ms\n1 end\n');
  const emulator = new Emulator('pipe 1 config trace slow.trace delay 30ms queue 200\nadd pipe 1 ip from any to any', {
    folder: scratch,
  });
  const offline = new OfflineEmulation(source, file('out.pcap'), emulator);
  await offline.run();
  const { least, most, packets: count, sum, mean } = offline.stats().links[0].transit;
  t.equal(count, 750);
  t.equal(Math.floor(sum / count), mean);
  const [{ lines }] = offline.curves();
  const delays = lines[0].values.filter((ms) => ms !== null);
  t.ok(Math.min(...delays) >= least / 1e6, `${Math.min(...delays)} of ${least}`);
  t.ok(Math.max(...delays) <= most / 1e6 && Math.max(...delays) > most / 1.1e6, `${Math.max(...delays)} of ${most}`);
  // While it had 500 Kbit/s, a packet came every other sample: that makes no holes.
  t.notOk(lines[0].values.slice(52, 68).includes(null));
  const unused = new OfflineEmulation(source, file('out.pcap'), new Emulator('pipe 1 config delay 5ms'));
  await unused.run();
  t.strictSame(unused.curves(), [], 'a link that nothing goes to makes no curves');
});

const real = sharedCapture('afs.pcap');
t.test('real traffic', { skip: real ? false : noData('afs.pcap') }, async (t) => {
  const { code, summary } = await run(t, [
    'emulate',
    '--offline',
    real!,
    file('out.pcap'),
    '--delay',
    '40ms',
    '--json',
  ]);
  t.equal(code, 0);
  t.match(summary, { packets: 601, outPackets: 601, dropped: 0 });
  const [a, b] = [PcapReader.open(real!), PcapReader.open(file('out.pcap'))];
  let wrong = 0;
  for (let x = a.next(), y = b.next(); x && y; x = a.next(), y = b.next()) {
    const passed = (y.seconds - x.seconds) * 1e9 + y.nanoseconds - x.nanoseconds;
    if (passed !== 40e6 || !Buffer.from(x.data).equals(y.data)) wrong++;
  }
  t.equal(wrong, 0, 'each packet 40 ms later, and otherwise the same');
});
