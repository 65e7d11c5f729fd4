import { pipe, scratch } from './folder';
import { Emulation, Emulator, open, PcapReader, PcapWriter, udpFrame, type PacketDrop } from 'node-netmap';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { classic } from './make-capture';
import { run } from './support/cli';
import { frame, range } from './support/numbered-frames';

const CONFIG =
  '\ufeffadd 10 count log logamount 3 out\ndnctl pipe 1 config delay 5ms\nadd 20 pipe 1 ip from any to any\n';

/** Times and lengths in a capture. */
function read(path: string) {
  return Array.from(PcapReader.open(path), (packet) => [
    packet.seconds,
    packet.nanoseconds,
    packet.capturedLength,
    packet.originalLength,
  ]);
}

t.test('emulate --offline: a line for each frame that is logged, or a capture of them', async (t) => {
  const [source, config, log] = ['in.pcap', 'log.conf', 'log.pcap'].map((name) => join(scratch, name));
  writeFileSync(config, CONFIG);
  const packets = range(5).map((k) => ({
    data: udpFrame({ length: 300 }),
    time: [1600000000 + (k > 1 ? 1 : 0), (999_999_999 + k) % 1e9] as [number, number],
  }));
  packets[1].time = [1600000001, 0];
  writeFileSync(source, classic(packets, { nanoseconds: true }));
  const args = ['emulate', '--offline', source, join(scratch, 'out.pcap'), '-c', config];
  const { lines, summary } = await run(t, [...args, '--json']);
  t.match(summary, { packets: 5, outPackets: 5 });
  const logged = lines.filter(({ type }) => type === 'log');
  t.match(logged, [
    {
      time: 0,
      rule: 10,
      action: 'count',
      direction: 'out',
      length: 300,
      packet: /10\.0\.0\.1:\d+ > 10\.1\.0\.1:\d+ UDP/,
    },
    { time: 1 },
    { time: 2 },
  ]);
  const text = await run(t, args);
  t.match(text.stdout, /^rule 10 count out length 300: [0-9a-f:]+ > .* UDP 258 bytes$/m);
  const quiet = await run(t, [...args, '--log', log, '--json']);
  t.notOk(quiet.lines.some(({ type }) => type === 'log'));
  t.strictSame(
    read(log),
    packets.slice(0, 3).map(({ time }) => [...time, 128, 300]),
  );
  const bad = await run(t, [...args, '--log', join(scratch, 'none', 'log.pcap')]);
  t.equal(bad.code, 1);
  t.match(bad.stderr, /log\.pcap/);
});

t.test('logTo: on a clock from its origin on', (t) => {
  const emulator = new Emulator('add count log out', { logSnaplen: 60 });
  const path = join(scratch, 'clock.pcap');
  const writer = PcapWriter.create(path, { nanoseconds: true });
  emulator.logTo(writer, [100, 999_999_999]);
  for (const time of [0, 1, 2_500_000_000]) emulator.put(frame(1), { time });
  emulator.advance(Infinity);
  emulator.logTo(undefined);
  emulator.put(frame(1), { time: 3e9 });
  emulator.advance(Infinity);
  writer.close();
  t.strictSame(read(path), [
    [100, 999_999_999, 60, 100],
    [101, 0, 60, 100],
    [103, 499_999_999, 60, 100],
  ]);
  t.throws(() => new Emulator('', { maxStates: 0 }), { code: 'ERR_OUT_OF_RANGE', message: /maxStates/ });
  t.end();
});

t.test('between ports: drops and what is logged, with their ports and times', async (t) => {
  const [inside, outside] = [open(pipe('{', 'i')), open(pipe('{', 'o'))];
  const far = open(pipe('}', 'i'));
  const emulator = new Emulator('pipe 3 config plr 1\nadd 100 pipe 3 log out dst-port 5');
  const path = join(scratch, 'ports.pcap');
  const writer = PcapWriter.create(path);
  emulator.logTo(writer);
  const drops: PacketDrop[] = [];
  emulator.on('drop', (drop) => drops.push(drop));
  const emulation = new Emulation(inside, outside, emulator);
  const done = emulation.start();
  const before = process.hrtime.bigint();
  for (const k of range(3)) far.inject(frame(k, 5));
  far.txSync();
  const logged = await new Promise<unknown[]>((found) => {
    const seen: unknown[] = [];
    emulator.on('log', (entry) => seen.push(entry) === 3 && setTimeout(() => found(seen), 30));
  });
  const after = process.hrtime.bigint();
  emulation.stop();
  await done;
  writer.close();
  for (const port of [inside, outside, far]) port.close();
  t.match(
    logged,
    range(3).map(() => ({ rule: 100, action: 'pipe', argument: 3, direction: 'out', recv: inside.name })),
  );
  t.match(
    drops,
    range(3).map(() => ({ cause: 'loss', link: 3, queue: 0, direction: 'out', length: 100 })),
  );
  t.ok(drops.every(({ time }) => time >= Number(before) - 1e6 && time <= Number(after)));
  const [[seconds]] = read(path);
  t.ok(Math.abs(seconds - Date.now() / 1000) < 60, 'the time of day');
});

t.test('what has no effect is told', (t) => {
  t.match(new Emulator('pipe 4 config ecn').notes, [/pipe 4: ecn has no effect/]);
  t.strictSame(new Emulator('dnctl pipe 4 config ecn red 0.1/5/15/0.1').notes, []);
  t.end();
});
