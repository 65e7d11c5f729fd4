import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { root } from './child';
import { spawnSync } from 'node:child_process';
import { pipe, vale } from './folder';
import { Random } from './random';
import { send } from './support/whole-frames';
import { Capture, open, PcapReader, udpFrame, type CaptureOptions, type Port } from 'node-netmap';

const random = new Random(3);

function frames(count: number, length: (k: number) => number = () => 60): Buffer[] {
  return Array.from({ length: count }, (_, k) => {
    const frame = Buffer.from(random.bytes(length(k)));
    frame.fill(0xff, 0, 6);
    return frame;
  });
}

/** Index of the first frame that differs, -1 when none does. */
function difference(got: readonly Uint8Array[], expected: readonly Uint8Array[]): number {
  for (let k = 0; k < Math.max(got.length, expected.length); k++) {
    if (k >= got.length || k >= expected.length || Buffer.compare(got[k], expected[k]) !== 0) return k;
  }
  return -1;
}

interface Read {
  data: Buffer;
  seconds: number;
  originalLength: number;
}

function read(path: string): Read[] {
  const all: Read[] = [];
  for (const { data, seconds, nanoseconds, originalLength } of PcapReader.open(path)) {
    all.push({ data: Buffer.from(data), seconds: seconds + nanoseconds / 1e9, originalLength });
  }
  return all;
}

let pipes = 0;

/** Captures what is sent down a pipe, all of it. */
async function capture(all: readonly Uint8Array[], options: CaptureOptions) {
  const name = `c${pipes++}`;
  using to = open(pipe('{', `1@conf:slots=256`).replace('netmap:', `netmap:${name}`));
  using from = open(pipe('}', '1').replace('netmap:', `netmap:${name}`));
  const app = new Capture(to, { count: all.length, ...options });
  const done = app.start();
  await send(from, all);
  await done;
  return { stats: app.stats(), names: app.fileNames };
}

t.test('every format holds what arrived, when it arrived', async (t) => {
  const folder = t.testdir();
  const all = frames(3000, (k) => (k % 50 === 0 ? 5000 : 60 + (k % 1400)));
  const bytes = all.reduce((sum, { length }) => sum + length, 0);
  for (const name of ['a.pcap', 'a.pcapng', 'a.pcap.gz', 'a.pcapng.gz', 'a.dump']) {
    const file = join(folder, name);
    const before = Date.now() / 1000;
    const { stats } = await capture(all, { file });
    const after = Date.now() / 1000;
    t.match(stats, {
      packets: 3000,
      bytes,
      cut: 0,
      skipped: 0,
      refused: 0,
      file,
      files: 1,
      fileBytes: statSync(file).size,
    });
    const got = read(file);
    t.equal(
      difference(
        got.map(({ data }) => data),
        all,
      ),
      -1,
      name,
    );
    t.ok(
      got.every(({ seconds }) => seconds >= before - 0.001 && seconds <= after + 0.001),
      'times of day',
    );
    const reader = PcapReader.open(file);
    t.equal(reader.format, name.includes('pcapng') ? 'pcapng' : 'pcap');
    t.equal(readFileSync(file).readUInt16BE(0) === 0x1f8b, name.endsWith('.gz'));
    reader.close();
  }
  const file = join(folder, 'b');
  await capture(all, { file, format: 'pcapng', gzip: true });
  t.equal(read(file).length, 3000);
  await capture(all, { file, nanoseconds: false });
  t.equal(readFileSync(file).readUInt32LE(0), 0xa1b2c3d4);
  t.equal(read(file).length, 3000);
});

t.test('snaplen, and a filter', async (t) => {
  const file = join(t.testdir(), 'out.pcapng');
  const all = frames(100, (k) => 60 + k);
  const { stats } = await capture(all, {
    file,
    snaplen: 101,
    count: 50,
    filter: (u8, offset, length) => length % 2 === 0 && u8[offset] === 0xff,
  });
  const kept = all.filter((_, k) => k % 2 === 0);
  t.strictSame(
    read(file),
    kept.map((frame, k) => ({
      data: frame.subarray(0, 101),
      seconds: read(file)[k].seconds,
      originalLength: frame.length,
    })),
  );
  t.match(stats, { packets: 50, refused: 49, cut: 29 });
});

t.test('a new file when one is full, and a ring of files', async (t) => {
  const folder = t.testdir();
  const all = frames(2000, (k) => 60 + (k % 200));
  for (const format of ['pcap', 'pcapng'] as const) {
    const file = join(folder, `size.${format}`);
    const { stats, names } = await capture(all, { file, rotateBytes: 20_000 });
    t.equal(stats.files, names.length);
    t.ok(names.length > 10, `${names.length} files`);
    t.ok(
      names.every((name) => statSync(name).size <= 20_000),
      'none is too long',
    );
    t.ok(
      names.every((name) => statSync(name).size > 19_000 || name === names[names.length - 1]),
      'all are filled',
    );
    t.equal(
      stats.fileBytes,
      names.reduce((sum, name) => sum + statSync(name).size, 0),
    );
    t.strictSame([...names], [...names].sort(), 'in alphabetical order');
    t.match(names[0], new RegExp(`size_00001_20\\d{12}\\.${format}$`));
    t.equal(
      difference(
        names.flatMap((name) => read(name).map(({ data }) => data)),
        all,
      ),
      -1,
    );
  }
  const file = join(folder, 'ring.pcap.gz');
  const { stats, names } = await capture(all, { file, rotateBytes: 20_000, files: 3 });
  t.equal(names.length, 3);
  t.ok(stats.files > 10);
  await new Promise((later) => setTimeout(later, 20)); // removed in the background
  t.equal(readdirSync(folder).filter((name) => name.startsWith('ring')).length, 3);
  const last = names.flatMap((name) => read(name).map(({ data }) => data));
  t.equal(difference(last, all.slice(-last.length)), -1);
  const tiny = await capture(
    frames(5, () => 3000),
    { file: join(folder, 'tiny.pcap'), rotateBytes: 1024 },
  );
  t.equal(tiny.names.length, 5, 'a packet that is longer than the limit has a file of its own');
});

t.test('a new file after some time', async (t) => {
  const file = join(t.testdir(), 'time.pcapng');
  using to = open(vale('timed'));
  using from = open(vale('source'));
  const app = new Capture(to, { file, rotateSeconds: 0.03 });
  const done = app.start();
  for (let k = 0; k < 10; k++) {
    from.inject(udpFrame({ dstPort: k }));
    from.txSync();
    await new Promise((later) => setTimeout(later, 20));
  }
  app.stop();
  await done;
  t.ok(app.fileNames.length >= 3, `${app.fileNames.length} files`);
  t.equal(
    app.fileNames.reduce((sum, name) => sum + read(name).length, 0),
    10,
  );
  t.ok(
    app.fileNames.every((name) => read(name).length > 0),
    'no empty ones',
  );
});

t.test('counters of what was dropped at the end of a pcapng file', async (t) => {
  const file = join(t.testdir(), 'drops.pcapng');
  using to = open(vale('dropping@conf:slots=64'));
  using from = open(vale('sender'));
  const app = new Capture(to, { file, count: 63 });
  const all = frames(100);
  await send(from, all); // before it starts: what finds no room is lost
  await app.start();
  t.match(app.stats(), { packets: 63, dropped: 37 });
  const reader = PcapReader.open(file);
  while (reader.next());
  t.match(reader.interfaces, [{ name: to.name, statistics: { received: 100, dropped: 37, delivered: 63 } }]);
  const { start, end } = reader.interfaces[0].statistics!;
  t.ok(end![0] >= start![0] && start![0] > 1.7e9);
});

t.test('the file is up to date every second, and whole after stop', async (t) => {
  const file = join(t.testdir(), 'live.pcap');
  using to = open(vale('live'));
  using from = open(vale('lively'));
  const app = new Capture(to, { file });
  const done = app.start();
  from.inject(udpFrame());
  from.txSync();
  const start = performance.now();
  while (statSync(file).size < 50) {
    if (performance.now() - start > 5000) throw new Error('nothing in the file');
    await new Promise((later) => setTimeout(later, 50));
  }
  t.equal(read(file).length, 1);
  from.inject(udpFrame());
  from.txSync();
  await app[Symbol.asyncDispose]();
  await done;
  t.equal(read(file).length, 2);
});

t.test('a disk that is full', { skip: !existsSync('/dev/full') && 'no /dev/full here' }, async (t) => {
  await t.rejects(capture(frames(10), { file: '/dev/full' }), { code: 'ENOSPC', message: /cannot write \/dev\/full/ });
});

t.test(
  'a disk that fills up leaves a whole capture',
  { skip: spawnSync('prlimit').error && 'needs prlimit' },
  async (t) => {
    for (const name of ['out.pcap', 'out.pcapng', 'out.pcapng.gz']) {
      const path = join(t.testdir(), name);
      const script = `
      const { Capture, open } = require(${JSON.stringify(root)});
      const { randomFillSync } = require('node:crypto');
      const to = open(${JSON.stringify(pipe('{', 'full'))}), from = open(${JSON.stringify(pipe('}', 'full'))});
      // A limit on file sizes does what a full disk does, without one. The engine's own files are larger.
      require('node:child_process').execFileSync('prlimit', ['--pid', process.pid, '--fsize=2500000']);
      const capture = new Capture(to, { file: ${JSON.stringify(path)} });
      const done = capture.start();
      const timer = setInterval(() => {
        while (from.inject(randomFillSync(Buffer.alloc(1400))));
        from.txSync();
      }, 1);
      done.catch((error) => {
        clearInterval(timer);
        const { packets, skipped, fileBytes } = capture.stats();
        console.log(JSON.stringify([error.code, packets - skipped, skipped, fileBytes]));
      });`;
      // Without what a test runner puts in front: it listens for the signal that the limit sends, and ends the process.
      const command = `unset NODE_OPTIONS; trap '' XFSZ; exec "$0" -e "$1"`;
      const child = spawnSync('sh', ['-c', command, process.execPath, script], { encoding: 'utf8', timeout: 30_000 });
      t.equal(child.status, 0, `${child.signal} ${child.stderr}`);
      const [code, kept, skipped, bytes] = JSON.parse(child.stdout) as [string, number, number, number];
      t.equal(code, 'EFBIG');
      t.ok(kept > 1000 && skipped > 0, `${name}: ${kept} kept, ${skipped} skipped`);
      t.equal(statSync(path).size, bytes);
      t.equal(read(path).length, kept);
    }
  },
);

t.test('to standard output', async (t) => {
  const script = `
    const { Capture, open } = require(${JSON.stringify(root)});
    const to = open(${JSON.stringify(pipe('{', 'out'))}), from = open(${JSON.stringify(pipe('}', 'out'))});
    for (let k = 0; k < 5; k++) from.inject(Buffer.alloc(60 + k));
    from.txSync();
    new Capture(to, { file: '-', gzip: true, format: 'pcapng', count: 5 }).start();`;
  const child = spawnSync(process.execPath, ['-e', script], { timeout: 30_000 });
  t.equal(child.status, 0, child.stderr.toString());
  const packets: number[] = [];
  for (const { capturedLength } of PcapReader.from(gunzipSync(child.stdout))) packets.push(capturedLength);
  t.strictSame(packets, [60, 61, 62, 63, 64]);
});

t.test('wrong options', async (t) => {
  const file = join(t.testdir(), 'out.pcap');
  using port = open(vale('wrong'));
  const make = (options: unknown) => () => new Capture(port, options as CaptureOptions);
  t.throws(make({}), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(make({ file: '' }), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(make({ file, format: 'cap' }), { code: 'ERR_INVALID_ARG_VALUE', message: /'pcap' or 'pcapng'/ });
  t.throws(make({ file, snaplen: 0 }), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(make({ file, filter: 5 }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(make({ file, filter: 'tcp dst-prt 5' }), { code: 'ERR_NETMAP_RULE', position: 4 });
  t.throws(make({ file, rotateBytes: 100 }), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(make({ file, rotateSeconds: 0 }), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(make({ file, files: 3 }), { code: 'ERR_INVALID_ARG_VALUE', message: /needs rotate/ });
  t.throws(make({ file: '-', rotateBytes: 1e6 }), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(make({ file, count: -1 }), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(make({ file, snapLen: 5 }), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => new Capture({} as Port, { file }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(make({ file: join(file, 'x') }), { code: 'ENOENT' });
  t.notOk(existsSync(file), 'nothing was created');
  using blind = open(vale('blind'), { txOnly: true });
  t.throws(() => new Capture(blind, { file }), { code: 'EINVAL' });
});
