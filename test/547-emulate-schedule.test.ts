import { scratch, vale } from './folder';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { Departures, Emulator, Link, open, Emulation, OfflineEmulation, PcapReader, udpFrame } from 'node-netmap';
import t from 'tap';
import { classic } from './make-capture';
import { run } from './support/cli';
import { range } from './support/numbered-frames';

const frame = udpFrame({ length: 1000 });
const MS = 1e6;
const LINK = 'pipe 1 config delay 5ms\nadd 100 pipe 1 ip from any to any\n';

t.test('a command for later is carried out at its time, to the nanosecond', (t) => {
  const emulator = new Emulator(`${LINK}at 10ms pipe 1 change delay 7ms\n  AT 20ms pipe 1 change delay 6ms`);
  for (const time of [0, 10 * MS - 1, 10 * MS, 20 * MS - 1, 20 * MS]) emulator.put(frame, { time });
  t.strictSame(
    emulator.advance(Infinity).map(({ time }) => time),
    [5 * MS, 15 * MS - 1, 17 * MS, 27 * MS - 1, 27 * MS - 1],
    'a shorter delay overtakes nothing',
  );
  t.strictSame(emulator.scheduled, []);
  t.equal(emulator.stats().links[0].delay, 6 * MS);
  t.end();
});

t.test('in bulk it is the same', (t) => {
  const text = `${LINK}at 1ms pipe 1 change plr 1\nat 3ms pipe 1 change plr 0\nat 4500us pipe 1 change delay 1ms`;
  const times = Float64Array.from(range(12), (k) => k * 0.5 * MS);
  const one = new Emulator(text);
  for (const time of times) one.put(frame, { time });
  const expected = one.advance(Infinity).map(({ time, id }) => [time, id]);
  t.strictSame(
    expected.map(([, id]) => id),
    [0, 1, 6, 7, 8, 9, 10, 11],
  );
  const places = new Uint32Array(3 * times.length);
  for (const k of range(times.length)) places.set([0, frame.length, 1], 3 * k);
  const bulk = new Emulator(text);
  bulk.putAll(frame, places, times);
  const departures = new Departures({ packets: 2 });
  const got: number[][] = [];
  while (bulk.advanceInto(departures, Infinity) > 0) {
    for (const i of range(departures.length)) got.push([departures.time(i), departures.id(i)]);
  }
  t.strictSame(got, expected);
  t.end();
});

t.test('the clock stops for it where nothing comes in', (t) => {
  const emulator = new Emulator(
    'pipe 1 config bw 1bit/s\nadd pipe 1 ip from any to any\nat 2s pipe 1 change bw 8192Kbit/s',
  );
  emulator.put(frame, { time: 0 });
  t.equal(emulator.next, 2e9);
  // 8192 bits, of which 2 have gone.
  t.equal(emulator.advance(Infinity)[0].time, 2e9 + Math.ceil((8190 / 8192) * MS));
  const idle = new Emulator(`${LINK}at 3000s pipe 1 change delay 1ms`);
  t.strictSame(idle.advance(Infinity), []);
  t.equal(idle.time, 0, 'with nothing inside nobody waits for it');
  t.strictSame(idle.scheduled, [{ time: 3e12, command: 'pipe 1 change delay 1ms' }]);
  t.equal(idle.next, Infinity);
  idle.advance(3e12);
  t.equal(idle.stats().links[0].delay, MS);
  t.end();
});

t.test('mistakes are told at once, with their place, and nothing has changed', (t) => {
  const wrong: [string, RegExp, number][] = [
    ['at pipe 1 change delay 1ms', /line 3, column 4: 'pipe' is no time/, 3],
    ['at 10 pipe 1 change delay 1ms', /'10' is no time/, 3],
    ['at 1e3s list', /'1e3s' is no time/, 3],
    ['at 99999999s list', /too long/, 3],
    ['at 10s', /column 7: a command is missing/, 6],
    ['at', /'' is no time/, 2],
    ['at 10s frob', /line 3, column 8: 'frob'/, 7],
    ['at 10s at 20s list', /'at' is no command/, 7],
    ['at 10s pipe 2 change delay 1ms', /column 15: there is no pipe 2/, 14],
    ['at 10s pipe 1 delete\nat 20s pipe 1 change delay 1ms', /line 4, column 15: there is no pipe 1/, 35],
    ['at 20s pipe 1 change delay 1ms\nat 10s pipe 1 delete', /line 3, column 15: there is no pipe 1/, 14],
    ['add é\nat 10s pipe 1 change delay 1ms', /line 3, column 5: 'é'/, 4],
  ];
  for (const [text, message, position] of wrong) {
    const error = t.throws(() => new Emulator(LINK + text), { code: 'ERR_NETMAP_RULE', message });
    t.match(error, { position: LINK.length + position }, text);
  }
  const emulator = new Emulator(`${LINK}at 10s pipe 1 change delay 1ms`);
  t.throws(() => emulator.apply('at 5s pipe 1 delete'), {
    message: /at 10s pipe 1 change delay 1ms: there is no pipe 1/,
  });
  t.throws(() => emulator.apply('pipe 1 change delay 9ms\nat 5s frob'), { message: /line 2/ });
  t.equal(emulator.stats().links[0].delay, 5 * MS);
  t.strictSame(emulator.scheduled, [{ time: 10e9, command: 'pipe 1 change delay 1ms' }]);
  t.match(emulator.show(), /\nat 10s pipe 1 change delay 1ms\n$/);
  emulator.apply([
    'at flush',
    'at 3s add 50 count ip from any to any',
    `at 2s ${new Link(1, { loss: 0.5 }).changeCommand}`,
  ]);
  t.strictSame(
    emulator.scheduled.map(({ time }) => time),
    [2e9, 3e9],
  );
  emulator.apply('pipe 1 delete');
  emulator.advance(4e9);
  t.ok(
    emulator.notes.some((note) => /at 2s pipe 1 change plr 0.5: [^]*there is no pipe 1/.test(note)),
    'what does not work any more is noted',
  );
  t.equal(emulator.rules()[0].number, 50, 'and the next one is carried out');
  emulator.apply('at flush');
  t.strictSame(emulator.scheduled, []);
  t.end();
});

t.test('between ports it is the time since the start', async (t) => {
  const ports = [open(vale('s1')), open(vale('s2'))];
  const emulator = new Emulator(`${LINK}at 0s pipe 1 change delay 2ms\nat 60ms add 50 count ip from any to any`);
  await using emulation = new Emulation(ports[0], ports[1], emulator);
  const begin = performance.now();
  const done = emulation.start();
  t.equal(emulator.stats().links[0].delay, 2 * MS);
  while (emulator.rules()[0].number !== 50) await new Promise((next) => setTimeout(next, 1));
  t.ok(performance.now() - begin >= 59);
  emulation.stop();
  await done;
  for (const port of ports) port.close();
});

t.test('emulate --at, and lines of a file: from the first packet of the capture', async (t) => {
  const source = join(scratch, 'at.pcap');
  const time = (ms: number): [number, number] => [1600000000 + Math.floor(ms / 1000), (ms % 1000) * 1000];
  writeFileSync(source, classic(range(40).map((k) => ({ data: frame, time: time(250 + 100 * k) }))));
  const target = join(scratch, 'at-out.pcap');
  const lost = ['--at', '1s pipe 1 change plr 1', '--at', '2s pipe 1 change plr 0'];
  const { code, summary, stderr } = await run(t, [
    'emulate',
    '--offline',
    source,
    target,
    '--delay',
    '1ms',
    ...lost,
    '--json',
  ]);
  t.equal(stderr, '');
  t.equal(code, 0);
  t.match(summary, { outPackets: 30, drops: { loss: 10 } });
  t.equal([...PcapReader.open(target)].length, 30);
  const wrong = await run(t, ['emulate', '--offline', source, target, '--at', '1s frob']);
  t.match(wrong, { code: 2, stderr: /"--at"[^]*'frob'/ }, 'an option, as --delay: wrong usage');
  const offline = new OfflineEmulation(source, target, new Emulator(`${LINK}at 1s add 50 deny ip from any to any`));
  await offline.run();
  t.match(offline.stats(), { outPackets: 10, denied: 30 });
});
