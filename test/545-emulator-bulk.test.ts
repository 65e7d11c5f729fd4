import './folder';
import t from 'tap';
import { Departures, Emulator, udpFrame, type EmulatorCommands, type PacketDrop } from 'node-netmap';

const MS = 1e6;
const PIPE = 'pipe 1 config bw 1Mbit/s delay 20ms\nadd pipe 1 out';

function frame(length = 1000): Uint8Array {
  return udpFrame({ length, dstPort: 9 });
}

/** What comes out in bulk, as advance() gives it. */
function all(emulator: Emulator, time: number, departures: Departures) {
  const packets = [];
  while (emulator.advanceInto(departures, time) > 0) {
    for (let i = 0; i < departures.length; i++) packets.push(departures.packet(i));
  }
  return packets;
}

/** Two frames for putAll(), at 0 and at 2 s. */
function columns() {
  return { data: frame(60), places: Uint32Array.of(0, 60, 1, 0, 60, 1), times: Float64Array.of(0, 2000 * MS) };
}

/** Frames of growing length, both ways, one each 3 ms. */
function fill(emulator: Emulator, count: number) {
  for (let k = 0; k < count; k++) {
    emulator.put(frame(60 + k), { time: 3 * k * MS, direction: k % 3 === 0 ? 'in' : 'out' });
  }
}

t.test('in bulk as one by one, however little room there is', (t) => {
  const commands = `${PIPE}\npipe 1 change jitter 5ms,reorder duplicate 0.1`;
  const single = new Emulator(commands);
  fill(single, 300);
  const wanted = single.advance(Infinity);
  t.ok(wanted.length > 300, 'duplicates');
  t.equal(new Set(wanted.map(({ id }) => id)).size, 300, 'which have the same id');
  for (const options of [{}, { packets: 1 }, { packets: 7, bytes: 65280 }]) {
    const emulator = new Emulator(commands);
    fill(emulator, 300);
    const departures = new Departures(options);
    t.strictSame(all(emulator, Infinity, departures), wanted);
    t.equal(emulator.time, single.time);
    t.equal(emulator.advanceInto(departures, Infinity), 0);
    t.equal(departures.length, 0);
  }
  const stepped = new Emulator(commands);
  fill(stepped, 300);
  const parts = [];
  for (let time = 900 * MS; time < 2000 * MS; time += 11 * MS) parts.push(...all(stepped, time, new Departures()));
  t.strictSame(parts, wanted, 'in steps of the clock');
  t.end();
});

t.test('many frames with one call', (t) => {
  const one = frame(100);
  const data = new Uint8Array(300);
  for (const offset of [0, 100, 200]) data.set(one, offset);
  const places = Uint32Array.of(0, 100, 1, 100, 100, 0, 200, 100, 1);
  const bulk = new Emulator(PIPE);
  bulk.putAll(data, places, Float64Array.of(0, 5, 5, 999), 3);
  const single = new Emulator(PIPE);
  single.put(one, { time: 0 });
  single.put(one, { time: 5, direction: 'in' });
  single.put(one, { time: 5 });
  t.strictSame(bulk.advance(Infinity), single.advance(Infinity));
  const emulator = new Emulator(PIPE);
  const put = (data: unknown, places: unknown, times: unknown, count?: number) => () =>
    emulator.putAll(data as Uint8Array, places as Uint32Array, times as Float64Array, count);
  const times = Float64Array.of(1, 2, 3);
  t.throws(put([], places, times), { code: 'ERR_INVALID_ARG_TYPE', message: /"data"/ });
  t.throws(put(data, [0, 1, 1], times), { code: 'ERR_INVALID_ARG_TYPE', message: /"places"/ });
  t.throws(put(data, places, [1, 2, 3]), { code: 'ERR_INVALID_ARG_TYPE', message: /"times"/ });
  t.throws(put(data, places, times, 4), { code: 'ERR_OUT_OF_RANGE', message: /"count"/ });
  t.throws(put(data, places, Float64Array.of(1, 2, 1)), { code: 'ERR_OUT_OF_RANGE', message: /times\[2\]/ });
  t.throws(put(data, places, Float64Array.of(1, NaN, 3)), { code: 'ERR_OUT_OF_RANGE', message: /times\[1\]/ });
  t.throws(put(data, Uint32Array.of(250, 100, 1), times, 1), { code: 'ERR_OUT_OF_RANGE', message: /places\[0\]/ });
  t.throws(put(data, Uint32Array.of(0, 0, 1), times, 1), { code: 'ERR_OUT_OF_RANGE', message: /places\[1\]/ });
  put(data, places, times, 0)();
  t.strictSame(emulator.advance(Infinity), []);
  t.end();
});

t.test('room of departures', (t) => {
  t.throws(() => new Departures({ packets: 0 }), { code: 'ERR_OUT_OF_RANGE', message: /packets/ });
  t.throws(() => new Departures({ bytes: 1000 }), { code: 'ERR_OUT_OF_RANGE', message: /bytes/ });
  t.throws(() => new Emulator().advanceInto({} as Departures, 5), { code: 'ERR_INVALID_ARG_TYPE' });
  const emulator = new Emulator(PIPE);
  emulator.put(new Uint8Array(65280), { time: 0 });
  t.equal(all(emulator, Infinity, new Departures({ packets: 1, bytes: 65280 })).length, 1, 'the longest frame');
  t.throws(() => emulator.advanceInto(new Departures(), 0), { code: 'ERR_OUT_OF_RANGE', message: /"time"/ });
  t.end();
});

t.test('an event for each drop', (t) => {
  const drops = (commands: EmulatorCommands, act: (emulator: Emulator) => void, memory?: number) => {
    const emulator = new Emulator(commands, memory === undefined ? {} : { memory });
    const seen: PacketDrop[] = [];
    emulator.on('drop', (drop) => seen.push(drop));
    act(emulator);
    emulator.advance(Infinity);
    const counted = Object.values(emulator.stats().drops).reduce((sum, n) => sum + n, 0);
    t.equal(seen.length, counted, 'as many as are counted');
    return seen;
  };
  const burst =
    (count = 5, length = 1000) =>
    (emulator: Emulator) => {
      for (let k = 0; k < count; k++) emulator.put(frame(length), { time: k, direction: 'out' });
    };
  t.strictSame(drops('pipe 7 config bw 1Mbit/s queue 2\nadd pipe 7 out', burst()), [
    { time: 3, cause: 'queueFull', link: 7, queue: 0, length: 1000, id: 3, direction: 'out' },
    { time: 4, cause: 'queueFull', link: 7, queue: 0, length: 1000, id: 4, direction: 'out' },
  ]);
  t.match(drops('pipe 7 config bw 1Mbit/s\nqueue 3 config pipe 7 plr 1\nadd queue 3 out', burst(1)), [
    { time: 0, cause: 'loss', link: 7, queue: 3, id: 0 },
  ]);
  t.match(drops('add pipe 9 out', burst(1)), [{ cause: 'noTarget', link: 9, queue: 0 }]);
  t.match(
    drops('add queue 9 in', (emulator) => emulator.put(frame(), { time: 1, direction: 'in' })),
    [{ cause: 'noTarget', link: 0, queue: 9, direction: 'in' }],
  );
  t.match(drops('pipe 1 config bw 1Mbit/s ber 1\nadd pipe 1 out', burst(1)), [
    { cause: 'bitErrors', link: 1, length: 1000 },
  ]);
  t.match(drops('pipe 1 config bw 1Mbit/s delay-limit 1500 delay 1s\nadd pipe 1 out', burst(2)), [
    { cause: 'delayLine', id: 1 },
  ]);
  t.match(
    drops('pipe 1 config bw 1Mbit/s\nadd pipe 1 out', (emulator) => {
      burst(3)(emulator);
      emulator.apply('pipe delete 1');
    }),
    [{ cause: 'flushed' }, { cause: 'flushed' }],
  );
  const codel = drops('pipe 1 config bw 1Mbit/s queue 1000 codel\nadd pipe 1 out', burst(300));
  t.ok(codel.length > 5);
  t.ok(codel.every(({ cause, time }, k) => cause === 'codel' && (k === 0 || time >= codel[k - 1].time)));
  t.end();
});

t.test('drops are told only to those who listen, and too many are counted', (t) => {
  const emulator = new Emulator('pipe 1 config plr 1\nadd pipe 1 out');
  const seen: number[] = [];
  const listen = ({ id }: PacketDrop) => seen.push(id);
  emulator.put(frame(), { time: 0 });
  emulator.advance(0);
  emulator.on('drop', listen);
  emulator.put(frame(), { time: 1 });
  emulator.advance(1);
  emulator.off('drop', listen);
  emulator.put(frame(), { time: 2 });
  emulator.advance(2);
  t.strictSame(seen, [1]);
  emulator.on('drop', listen);
  const one = new Uint8Array(60);
  for (let k = 0; k < 66_000; k++) emulator.put(one, { time: 3 });
  emulator.advance(3);
  t.equal(seen.length + emulator.missedDrops, 1 + 66_000);
  t.equal(seen.length, 1 + 65_536);
  t.equal(emulator.stats().drops.loss, 66_003);
  t.end();
});

t.test('memory that a transfer has detached is an error, and the packet stays', (t) => {
  for (const column of ['bytes', 'times', 'places'] as const) {
    const emulator = new Emulator(PIPE);
    emulator.put(frame(), { time: 0 });
    const departures = new Departures();
    const { buffer } = departures[column];
    structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
    t.throws(() => emulator.advanceInto(departures, 1e9), { code: 'ERR_INVALID_ARG_VALUE', message: /"departures"/ });
    t.equal(emulator.advance(1e9).length, 1, column);
  }
  const emulator = new Emulator('pipe 1 config plr 1\nadd pipe 1 in');
  const departures = new Departures();
  emulator.once('drop', () =>
    structuredClone(departures.times, { transfer: [departures.times.buffer as ArrayBuffer] }),
  );
  emulator.put(frame(), { time: 0, direction: 'in' });
  emulator.put(frame(), { time: 0 });
  t.throws(() => emulator.advanceInto(departures, 1e9), { code: 'ERR_INVALID_ARG_VALUE' }, 'by a listener');
  t.equal(emulator.advance(1e9).length, 1);
  t.end();
});

t.test('what a listener does while frames go in is looked at', (t) => {
  const wrong: [string, (given: ReturnType<typeof columns>, emulator: Emulator) => void, RegExp][] = [
    [
      'memory goes',
      ({ data }) => structuredClone(data.buffer, { transfer: [data.buffer as ArrayBuffer] }),
      /places\[3\]/,
    ],
    ['places', ({ places }) => (places[4] = 4e9), /places\[4\]/],
    ['times', ({ times }) => (times[1] = NaN), /times\[1\]/],
    ['the clock', (_, emulator) => emulator.put(frame(), { time: 9000 * MS }), /times\[1\]" must be from 9000000000/],
  ];
  for (const [what, change, message] of wrong) {
    const [emulator, given] = [new Emulator(`${PIPE}\nat 1s pipe 1 change delay 1ms`), columns()];
    emulator.once('change', () => change(given, emulator));
    t.throws(() => emulator.putAll(given.data, given.places, given.times), { code: 'ERR_OUT_OF_RANGE', message }, what);
    const out = emulator.advance(Infinity).length;
    t.equal(out, what === 'the clock' ? 2 : 1, 'what was in before is in');
  }
  const emulator = new Emulator(`${PIPE}\nat 1s pipe 1 change delay 1ms`);
  emulator.once('change', () => emulator.put(frame(), { time: 9000 * MS }));
  t.throws(() => emulator.put(frame(), { time: 2000 * MS }), { code: 'ERR_OUT_OF_RANGE', message: /9000000000/ });
  t.equal(emulator.advance(Infinity).length, 1);
  t.throws(() => emulator.putAll(frame(60), Uint32Array.of(0, 60, 7), Float64Array.of(1e11)), {
    message: /places\[2\]/,
  });
  t.throws(() => emulator.putAll(frame(60), undefined as never, undefined as never), { message: /"places"/ });
  t.end();
});
