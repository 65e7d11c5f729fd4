import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { pipe, scratch, vale } from './folder';
import { classic, type RawPacket } from './make-capture';
import { Random } from './random';
import { take } from './support/whole-frames';
import { codeOf, rejectionOf } from './throws';
import {
  arp,
  icmp,
  isCorrupt,
  open,
  PcapngWriter,
  Replay,
  tcp,
  udp,
  verifyFrame,
  type ReplayOptions,
} from 'node-netmap';

const random = new Random(11);

/** Packets `gap` ns apart. */
function packets(frames: readonly Uint8Array[], gap = 1000): RawPacket[] {
  return frames.map((data, k) => ({ data, time: [Math.floor((k * gap) / 1e9), (k * gap) % 1e9] }));
}

let files = 0;

function file(frames: readonly Uint8Array[], gap?: number, suffix = ''): string {
  const path = join(scratch, `${++files}.pcap${suffix}`);
  const bytes = classic(packets(frames, gap), { nanoseconds: true });
  writeFileSync(path, suffix === '.gz' ? gzipSync(bytes) : bytes);
  return path;
}

function frames(count: number, length: (k: number) => number = () => 60): Buffer[] {
  return Array.from({ length: count }, (_, k) => Buffer.from(random.bytes(length(k))));
}

/** Replays through a pipe, and reads everything at its other end. */
async function replayed(options: ReplayOptions, slots = 64) {
  using to = open(pipe('{', `${++files}@conf:slots=${slots}`));
  using from = open(to.name.replace('{', '}'));
  await using replay = new Replay(to, options);
  const got: Buffer[] = [];
  let over = false;
  const done = replay.start().finally(() => (over = true));
  done.catch(() => {});
  for (;;) {
    const last = over;
    got.push(...take(from));
    if (last) break;
    await new Promise((later) => setImmediate(later));
  }
  const failure = await rejectionOf(done);
  return { got, failure, stats: replay.stats(), histograms: replay.details().histograms };
}

function same(got: readonly Uint8Array[], expected: readonly Uint8Array[]): boolean {
  return got.length === expected.length && got.every((frame, k) => Buffer.compare(frame, expected[k]) === 0);
}

t.test('files of all kinds, read before or meanwhile, pass after pass', async (t) => {
  const all = frames(9000, (k) => 60 + (k % 300)); // two pieces
  const bytes = all.reduce((sum, { length }) => sum + length, 0);
  for (const suffix of ['', '.gz']) {
    const path = file(all, 10, suffix);
    for (const preload of [undefined, true, false]) {
      const { got, stats } = await replayed({ file: path, speed: Infinity, loop: 2, preload }, 1024);
      t.ok(same(got, [...all, ...all]), `${suffix}, ${preload}`);
      t.match(stats, { packets: 18000, bytes: 2 * bytes, loops: 2, progress: 1, secondsLeft: 0, pending: 0 });
    }
  }
  const long = frames(5, (k) => [65535, 60, 9000, 65000, 14][k]);
  const { got } = await replayed({ file: file(long), preload: false });
  t.ok(same(got, long), 'frames over several slots');
});

t.test('pcapng with several interfaces: what is not Ethernet is skipped', async (t) => {
  const path = join(scratch, 'two.pcapng');
  const writer = PcapngWriter.create(path, { interfaces: [{ name: 'a' }, { name: 'b', linkType: 113 }] });
  const all = frames(6);
  all.forEach((frame, k) => writer.write(frame, 0, 60, 60, k, 0, k % 2));
  writer.close();
  const { got, stats } = await replayed({ file: path, speed: Infinity });
  t.ok(same(got, [all[0], all[2], all[4]]));
  t.match(stats, { packets: 3, skipped: 3 });
});

t.test('times: as captured, faster, at rates; nobody is early', async (t) => {
  const path = file(
    frames(51, () => 101),
    1e6,
  ); // 50 ms, and one more for the next pass
  const cases: [Partial<ReplayOptions>, number][] = [
    [{}, 0.05],
    [{ speed: 2 }, 0.025],
    [{ speed: 0.5, wait: 'sleep' }, 0.1],
    [{ loop: 2, speed: 2 }, 0.0505],
    [{ maxGap: 0.0005 }, 0.025],
    [{ rate: 5000 }, 0.01],
    [{ rate: '1Mbps' }, 0.05], // 125 bytes on the wire
    [{ rate: '0.1%', line: 1e9 }, 0.05],
    [{ speed: Infinity }, 0],
  ];
  for (const [options, seconds] of cases) {
    const { stats, histograms, failure } = await replayed({ file: path, ...options }, 1024);
    const late = histograms?.late;
    t.equal(failure, undefined);
    const loops = options.loop ?? 1;
    t.match(stats, { packets: 51 * loops, loops, progress: 1 });
    // From the first packet on, which may have been late itself.
    const begin = (late?.max ?? 0) / 1e9;
    t.ok(stats.seconds + begin >= seconds, `${JSON.stringify(options)}: ${stats.seconds} s`);
    if (options.speed === Infinity) t.equal(late, undefined);
    else {
      t.equal(late?.count, 51 * loops);
      // Whoever sleeps does not see when the processor is away.
      const running = histograms?.lateRunning;
      t.equal(running?.count, options.wait === 'sleep' ? undefined : 51 * loops);
      if (running) t.ok(running.max <= late!.max);
    }
  }
});

t.test('ends: count, duration, stop; progress and what is left', async (t) => {
  const all = frames(100);
  const path = file(all, 1e7);
  const { got, stats } = await replayed({ file: path, count: 7, speed: Infinity, loop: 0 });
  t.ok(same(got, all.slice(0, 7)));
  t.match(stats, { packets: 7, progress: 1 });
  const many = await replayed({ file: path, count: 250, speed: Infinity, loop: 0 });
  t.equal(many.got.length, 250);
  const short = await replayed({ file: path, duration: 0.1 });
  t.ok(short.stats.packets > 0 && short.stats.packets < 100, `${short.stats.packets} packets`);
  using port = open(vale('s'));
  await using replay = new Replay(port, { file: path, loop: 2 });
  const done = replay.start();
  while (replay.stats().packets < 20) await new Promise((later) => setTimeout(later, 10));
  const half = replay.stats();
  t.ok(half.progress! > 0 && half.progress! < 0.5, `${half.progress}`);
  t.ok(half.secondsLeft! > 0, `${half.secondsLeft} s left`);
  replay.stop();
  await done;
  t.ok(replay.stats().packets < 200);
  await using endless = new Replay(port, { file: path, loop: 0 });
  t.match(endless.stats(), { progress: null, secondsLeft: null });
});

t.test('pipes are read once, or kept', async (t) => {
  const path = file(frames(3));
  const script = `
    const { open, Replay } = require(${JSON.stringify(join(__dirname, '../../lib'))});
    const port = open('null:', { device: 'engine' });
    const replay = new Replay(port, { file: '-', speed: Infinity, loop: Number(process.argv[1]) });
    replay.start().then(() => console.log(JSON.stringify(replay.stats())), (error) => console.log(error.code));`;
  const node = (loop: number, text: string) =>
    spawnSync('sh', ['-c', `${text} | "$0" -e "$1" ${loop}`, process.execPath, script], { encoding: 'utf8' });
  for (const loop of [1, 4]) {
    const { stdout, stderr } = node(loop, `cat '${path}'`);
    t.match(stdout && JSON.parse(stdout), { packets: 3 * loop, loops: loop, file: '-' }, stderr);
  }
  t.match(node(1, 'echo no capture').stdout, 'ERR_NETMAP_CAPTURE');
});

t.test('damage: what came before it is sent', async (t) => {
  const all = frames(9);
  const bytes = classic(packets(all), { nanoseconds: true });
  const path = join(scratch, 'damaged.pcap');
  writeFileSync(path, bytes.subarray(0, bytes.length - 5));
  for (const preload of [true, false]) {
    const { got, failure } = await replayed({ file: path, preload, speed: Infinity });
    t.equal(failure, 'ERR_NETMAP_CAPTURE');
    t.ok(same(got, all.slice(0, 8)));
  }
});

t.test('addresses are rewritten, and all checksums follow', async (t) => {
  const macs = { srcMac: '02:00:00:00:00:0a', dstMac: '02:00:00:00:00:0b' };
  const v4 = { srcIp: '10.1.2.3', dstIp: '10.9.8.7' };
  const v6 = { srcIp: 'fd00::1:2', dstIp: 'fd00::9' };
  const before = [
    udp({ ...macs, ...v4, payload: 'odd' }),
    udp({ ...macs, ...v6, payload: 'even' }),
    tcp({ ...macs, ...v4, payload: 'x', vlan: 5 }),
    tcp({ ...macs, ...v6 }),
    icmp({ ...macs, ...v4 }),
    icmp({ ...macs, ...v6 }),
    arp({ ...macs, senderIp: '10.1.2.3', targetIp: '10.9.8.7' }),
    udp({ ...macs, ...v4, payload: 'without' }),
  ].map((frame) => Buffer.from(frame));
  before[7].writeUInt16BE(0, 40); // no checksum stays none
  const rewrite = {
    macs: { '02:00:00:00:00:0a': '02:00:00:00:00:a0' },
    dstMac: '02:00:00:00:00:b0',
    srcIps: { '10.1.2.3': '192.168.7.7/16', 'fd00::/16': 'fc01:2:3:4::/64' },
    ips: { '10.0.0.0/8': '172.16.0.0/12', 'fd00::9': '2001:db8::5' },
  };
  const { got } = await replayed({ file: file(before), speed: Infinity, rewrite });
  const hex = (frame: Buffer, at: number, length: number) => frame.subarray(at, at + length).toString('hex');
  t.equal(got.length, before.length);
  got.forEach((frame, k) => {
    t.equal(hex(frame, 0, 6), '0200000000b0');
    t.equal(hex(frame, 6, 6), '0200000000a0');
    t.equal(isCorrupt(verifyFrame(frame)), false, `checksums of packet ${k}`);
    t.equal(frame.length, before[k].length);
  });
  const src = 'c0a80203'; // upper half of the network, lower half of the host
  const dst = 'ac190807'; // 10.9.8.7 in 172.16.0.0/12: 172.(16 + 9).8.7
  for (const [k, at] of [
    [0, 26],
    [2, 30],
    [4, 26],
    [7, 26],
  ]) {
    t.equal(hex(got[k], at, 8), src + dst, `packet ${k}`);
  }
  for (const k of [1, 3, 5]) {
    t.equal(hex(got[k], 22, 16), 'fc010002000300040000000000010002', `packet ${k}`);
    t.equal(hex(got[k], 38, 16), '20010db8000000000000000000000005', `packet ${k}`);
  }
  t.equal(hex(got[6], 22, 10), `0200000000a0${src}`);
  t.equal(hex(got[6], 38, 4), dst);
  t.equal(hex(got[7], 40, 2), '0000');
  t.ok(same(got[7] && [got[7].subarray(42)], [before[7].subarray(42)]));
});

t.test('hooks see each packet, and each batch, before it goes', async (t) => {
  const all = frames(300, (k) => 60 + k);
  let packets = 0;
  let inBatches = 0;
  const { got } = await replayed({
    file: file(all),
    speed: Infinity,
    hook: (u8, offset, length) => {
      t.equal(length, 60 + packets++);
      u8[offset] = 0xaa;
    },
    batchHook: (_ring, _first, _slots, count) => (inBatches += count),
  });
  t.strictSame([packets, inBatches], [300, 300]);
  t.ok(got.every((frame, k) => frame[0] === 0xaa && Buffer.compare(frame.subarray(1), all[k].subarray(1)) === 0));
});

t.test('a busy replay lets the event loop turn', async (t) => {
  using port = open('null:', { device: 'engine' });
  await using replay = new Replay(port, { file: file(frames(1000)), speed: Infinity, loop: 0 });
  const done = replay.start();
  // The replay ends only because this timer gets its turn.
  while (replay.stats().loops < 5) await new Promise((later) => setTimeout(later, 1));
  replay.stop();
  await done;
  t.ok(replay.stats().packets >= 5000);
});

t.test('wrong arguments', (t) => {
  using port = open(vale('w'));
  const path = file(frames(1));
  const make = (options: object) => codeOf(() => new Replay(port, { file: path, ...options } as ReplayOptions));
  for (const options of [
    { file: 5 },
    { speed: '2' },
    { rate: {} },
    { hook: 1 },
    { preload: 1 },
    { to: 'vale0:x' },
    { rewrite: 1 },
    { rewrite: { ips: { '10.0.0.1': 5 } } },
  ]) {
    t.equal(make(options), 'ERR_INVALID_ARG_TYPE', JSON.stringify(options));
  }
  for (const options of [
    { speed: 0 },
    { loop: -1 },
    { loop: 1.5 },
    { count: 0 },
    { maxGap: -1 },
    { batch: 0 },
    { rate: 0 },
  ]) {
    t.equal(make(options), 'ERR_OUT_OF_RANGE', JSON.stringify(options));
  }
  for (const options of [
    { file: '' },
    { speed: 1, rate: 5 },
    { wait: 'x' },
    { sped: 2 },
    { rewrite: { srcMac: 'x' } },
    { rewrite: { ips: { '10.0.0.0/33': '10.0.0.1' } } },
    { rewrite: { ips: { '10.0.0.0/8': 'fd00::1' } } },
    { rewrite: { ip: {} } },
  ]) {
    t.equal(make(options), 'ERR_INVALID_ARG_VALUE', JSON.stringify(options));
  }
  t.equal(make({ file: join(scratch, 'nothing') }), 'ENOENT');
  t.equal(make({ file: __filename }), 'ERR_NETMAP_CAPTURE');
  t.equal(
    codeOf(() => new Replay(5 as never, { file: path })),
    'ERR_INVALID_ARG_TYPE',
  );
  t.end();
});
