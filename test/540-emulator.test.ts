import './folder';
import t, { type Test } from 'tap';
import {
  Departures,
  Emulator,
  Link,
  Queue,
  Scheduler,
  udpFrame,
  type EmulatedPacket,
  type LinkOptions,
} from 'node-netmap';

const MS = 1e6;

/** A frame of so many bytes from 10.0.0.`host`. */
function frame(length = 1000, host = 1, dstPort = 9): Uint8Array {
  return udpFrame({ length, srcIp: `10.0.0.${host}`, dstIp: '10.1.0.1', dstPort, srcPort: 1024 });
}

/** What a function throws. */
function throws(t: Test, f: () => unknown): unknown {
  try {
    f();
  } catch (error) {
    return error;
  }
  return t.fail('nothing was thrown');
}

const times = (packets: EmulatedPacket[]) => packets.map(({ time }) => time);

t.test('a link serialises and delays, exactly', (t) => {
  // 1000 bytes and the 24 that the wire adds take 8.192 ms at 1 Mbit/s.
  for (const commands of [
    'pipe 1 config bw 1Mbit/s delay 20ms\nadd pipe 1 out',
    ['pipe 1 config bw 1Mbit/s delay 20ms', { action: 'pipe 1', direction: 'out' } as const],
    [new Link(1, { bandwidth: { bitsPerSecond: 1e6 }, delay: { milliseconds: 20 } }), 'add pipe 1 out'],
  ]) {
    const emulator = new Emulator(commands);
    emulator.put(frame(), { time: 0 });
    emulator.put(frame(), { time: 0 });
    emulator.put(frame(), { time: 1, direction: 'in' });
    t.strictSame(times(emulator.advance(1)), [1], 'nothing holds back what comes in');
    t.equal(emulator.next, 8.192 * MS);
    const out = emulator.advance(Infinity);
    t.strictSame(times(out), [28.192 * MS, 36.384 * MS]);
    t.strictSame(out[1], { time: 36.384 * MS, direction: 'out', id: 1, data: frame() });
    t.equal(emulator.next, Infinity);
    t.match(emulator.stats(), { inside: 0, drops: {}, links: [{ number: 1, out: { packets: 2, bytes: 2000 } }] });
  }
  t.end();
});

t.test('same seed, same outcome; another one, another', (t) => {
  const run = (seed: number) => {
    const link = new Link(1, {
      delay: '5ms',
      jitter: { amount: '2ms', distribution: 'normal' },
      loss: '20%',
      corrupt: 0.1,
    });
    const emulator = new Emulator([link, { action: 'pipe 1' }], { seed });
    for (let k = 0; k < 500; k++) emulator.put(frame(), { time: k * MS });
    return emulator.advance(Infinity).map(({ time, data }) => [time, Buffer.from(data).toString('base64')]);
  };
  t.strictSame(run(3), run(3));
  t.notSame(run(3), run(4));
  t.end();
});

t.test('changes while packets wait: none is lost, none overtakes', (t) => {
  const emulator = new Emulator([
    new Link(1, { bandwidth: '1Mbit/s', delay: '50ms', queue: { packets: 1000 } }),
    'add pipe 1 out',
  ]);
  const marks: number[] = [];
  for (let k = 0; k < 200; k++) emulator.put(frame(100 + k), { time: 0 });
  const out = emulator.advance(30 * MS);
  emulator.change(new Link(1, { delay: '1ms' }));
  emulator.change(new Link(1, { bandwidth: '10Mbit/s', scheduler: 'fq_codel' }));
  emulator.change(new Link(1, { scheduler: 'fifo' }));
  out.push(...emulator.advance(Infinity));
  for (const { data } of out) marks.push(data.length);
  t.strictSame(
    marks,
    Array.from({ length: 200 }, (_, k) => 100 + k),
  );
  t.equal(emulator.stats().links[0].bandwidth, 10e6);
  t.end();
});

t.test('queues share a link by their weights', (t) => {
  const emulator = new Emulator([
    new Link(5, { bandwidth: '8Mbit/s', length: 'frame' }),
    new Scheduler(5, { type: 'wf2q+' }),
    new Queue(1, { link: 5, weight: 3, size: { packets: 1000 } }),
    new Queue(2, { link: 5, weight: 1, size: '1MB', mask: { srcIp: 32 } }),
    { action: 'queue 1', dstPort: 9 },
    { action: 'queue 2' },
  ]);
  t.strictSame(emulator.notes, []);
  for (let k = 0; k < 400; k++) {
    emulator.put(frame(1000, 1, 9), { time: 0 });
    emulator.put(frame(1000, 1, 10), { time: 0 });
  }
  const first = emulator.advance(200 * MS); // 200 frames of 1 ms
  const of9 = first.filter(({ data }) => data[37] === 9).length;
  t.ok(Math.abs(of9 - 150) <= 3, `${of9} of ${first.length}`);
  t.match(
    emulator.flows(5).sort((a, b) => a.queue - b.queue),
    [
      { queue: 1, packets: 400 },
      { queue: 2, packets: 400, source: '10.0.0.1' },
    ],
  );
  t.match(emulator.stats().queues, [
    { number: 1, pipe: 5, weight: 3 },
    { number: 2, pipe: 5, weight: 1, flows: 1 },
  ]);
  t.end();
});

t.test('what options say in words', (t) => {
  const words: [LinkOptions, string][] = [
    [{}, ''],
    [{ bandwidth: '1.5Mbit/s' }, 'bw 1.5Mbit/s'],
    [{ bandwidth: '256 Kbit/s', delay: { microseconds: 2.5 } }, 'bw 256Kbit/s delay 2.5us'],
    [{ bandwidth: { bytesPerSecond: 1e12 / 8 } }, 'bw 125000000000Byte/s'],
    [{ queue: { bytes: 65536 }, loss: 1e-7 }, 'queue 65536B plr 0.0000001'],
    [{ loss: { goodToBad: 0.01, badToGood: 0.25 } }, 'plr 0,0.01,1,0.25'],
    [{ management: 'codel', delay: '1ms' }, 'delay 1ms codel'],
    [{ management: { type: 'codel', target: '5ms', ecn: true } }, 'codel target 5ms ecn'],
    [{ management: { type: 'pie', maxBurst: '100ms', alpha: 0.125 } }, 'pie alpha 0.125 max_burst 100ms'],
    [{ management: { type: 'red', weight: 0.002, min: 5, max: 15, maxP: 0.1 } }, 'red 0.002/5/15/0.1'],
    [{ scheduler: 'qfq', mask: { srcIp: 24, dstPort: 16 } }, 'mask src-ip /24 dst-port /16 sched qfq'],
    [{ scheduler: { type: 'fq_codel', limit: 500, codel: { target: '8ms' } } }, 'sched fq_codel limit 500 target 8ms'],
    [{ jitter: { amount: '5ms', distribution: 'pareto', reorder: true } }, 'jitter 5ms,pareto,reorder'],
    [{ reorder: { probability: 0.01, hold: '3ms' }, duplicate: '1%' }, 'reorder 0.01,3ms duplicate 1%'],
    [{ length: '+18', release: 'start', delayLimit: '1MB' }, 'length +18 release start delay-limit 1MB'],
  ];
  for (const [options, text] of words) {
    const { command } = new Link(7, options);
    t.equal(command, `pipe 7 config ${text}`.trimEnd());
    t.doesNotThrow(() => new Emulator(command), command);
  }
  t.end();
});

t.test('wrong options are refused, with a name', (t) => {
  const wrong: [() => unknown, RegExp][] = [
    [() => new Link(0), /"number"/],
    [() => new Link(1, { bandwith: '1' } as never), /bandwith/],
    [() => new Link(1, { bandwidth: 1000 as never }), /options.bandwidth[^]*with a unit[^]*bitsPerSecond: 1000/],
    [() => new Link(1, { bandwidth: '1000' }), /options.bandwidth[^]*unit/],
    [() => new Link(1, { delay: '20' }), /options.delay[^]*20ms/],
    [() => new Link(1, { delay: '20ms\npipe flush' }), /options.delay/],
    [() => new Link(1, { delay: {} as never }), /options.delay[^]*seconds/],
    [() => new Link(1, { loss: 2 }), /options.loss/],
    [() => new Link(1, { mask: {} }), /options.mask/],
    [() => new Link(1, { scheduler: 'frob' as never }), /frob/],
    [() => new Link(1, { scheduler: 'fq_codel', management: 'codel' }), /options.management/],
    [() => new Link(1, { trace: 'a"b' }), /options.trace/],
    [() => new Queue(1, { weight: -1 }), /options.weight/],
    [() => new Scheduler(1, { type: 'qfq', quantum: 5 }), /quantum/],
    [() => new Emulator('', { seed: -1 }), /options.seed/],
    [() => new Emulator('', { sed: 1 } as never), /sed/],
    [() => new Emulator(5 as never), /commands/],
  ];
  const odd = (options: object) => () => new Link(1, options as LinkOptions);
  wrong.push(
    [odd({ bandwidth: null }), /options\.bandwidth" must be a value with a unit[^]*null/],
    [odd({ bandwidth: 10n }), /options\.bandwidth" must be a value with a unit/],
    [odd({ loss: -0.1 }), /options\.loss" must be from 0 to 1/],
    [odd({ loss: null }), /options\.loss" must be a number/],
    [odd({ duplicate: NaN }), /options\.duplicate" must be from 0 to 1/],
    [odd({ mask: 'none' }), /options\.mask" must be 'all' or an object/],
    [odd({ management: null }), /options\.management" must be 'droptail'/],
    [odd({ scheduler: null }), /options\.scheduler" must be an object/],
    [odd({ jitter: { distribution: 'normal' } }), /options\.jitter\.amount" must be a value with a unit/],
    [odd({ reorder: { probability: 0.1 } }), /options\.reorder\.hold" must be a value with a unit/],
    [odd({ queue: 100 }), /options\.queue"[^]*\{packets: 100\}/],
    [odd({ queue: { slots: 5 } }), /options\.queue" knows packets, bytes but not "slots"/],
    [odd({ length: 24 }), /options\.length" must be a string, received 24/],
    [odd({ release: 5 }), /options\.release" must be a string/],
    [odd({ jitter: { amount: '5ms', distribution: 5 } }), /options\.jitter\.distribution" must be a string/],
    [odd({ scheduler: { type: 'fq_codel', codel: 5 } }), /options\.scheduler\.codel" must be an object/],
    [() => new Departures(null as never), /options" must be an object/],
    [() => new Departures({ size: 5 } as never), /"size"/],
    [() => new Emulator().put(frame(), undefined as never), /options" must be an object with a time/],
    [() => new Emulator().put(frame(), { time: 0, directoin: 'in' } as never), /"directoin"/],
    [() => new Emulator().logTo({} as never), /"writer" must be a PcapWriter/],
    [() => new Emulator().logTo(undefined, 5 as never), /"origin"/],
    [() => new Emulator().logTo(undefined, [0, NaN]), /"origin\[1\]" must be an integer from 0 to 999999999/],
  );
  for (const [make, message] of wrong) {
    const error = throws(t, make);
    t.match(error, { message });
    t.match(error, { code: /^ERR_/ }, 'thought of');
  }
  t.end();
});

t.test('commands are carried out all or none, and the place of what is wrong is told', (t) => {
  const emulator = new Emulator('pipe 1 config bw 1Mbit/s');
  const text = 'pipe 1 config bw 2Mbit/s\nadd 100 allow ip from any to any\npipe 1 config bw 3frob/s';
  const error = throws(t, () => emulator.apply(text)) as Error & { code: string; position: number };
  t.match(error, { code: 'ERR_NETMAP_RULE', position: text.indexOf('3frob'), message: /^line 3, column 18: /m });
  t.equal(emulator.stats().links[0].bandwidth, 1e6);
  t.equal(emulator.rules().length, 1);
  const missing = throws(t, () => emulator.apply('pipe 1 config trace /nowhere/at.all'));
  t.match(missing, { code: 'ERR_NETMAP_RULE', message: /nowhere[^]*No such file/ });
  t.end();
});

t.test('notes, events, show', (t) => {
  const emulator = new Emulator();
  const notes: string[] = [];
  const changes: string[] = [];
  emulator.on('note', (note) => notes.push(note));
  emulator.on('change', (commands) => changes.push(commands));
  emulator.apply('add 100 pipe 9 ip from any to any');
  t.match(notes, [/rule 100 sends packets to pipe 9, which does not exist/]);
  t.strictSame(changes, ['add 100 pipe 9 ip from any to any']);
  emulator.put(frame(), { time: 0 });
  t.strictSame(emulator.stats().drops, { noTarget: 1 });
  t.match(emulator.rules()[0], { number: 100, packets: 1, bytes: 1000 });
  emulator.apply('pipe 9 config bw 3Mbit/s');
  t.match(emulator.show(), /00100 1 1000 pipe 9[^]*00009: 3 Mbit\/s/);
  const logged: number[] = [];
  emulator.on('log', ({ rule, length }) => logged.push(rule, length));
  emulator.apply('add 50 count log ip from any to any');
  emulator.put(frame(), { time: 0 });
  emulator.advance(1);
  t.strictSame(logged, [50, 1000]);
  t.end();
});

t.test('the clock does not go back, and frames have a length', (t) => {
  const emulator = new Emulator();
  emulator.put(frame(), { time: 5 });
  for (const time of [4, -1, NaN, 2 ** 53]) {
    t.match(
      throws(t, () => emulator.put(frame(), { time })),
      { code: 'ERR_OUT_OF_RANGE' },
      String(time),
    );
    t.match(
      throws(t, () => emulator.advance(time)),
      { code: 'ERR_OUT_OF_RANGE' },
      String(time),
    );
  }
  for (const length of [0, 65281]) {
    t.match(
      throws(t, () => emulator.put(new Uint8Array(length), { time: 9 })),
      { code: 'ERR_OUT_OF_RANGE' },
    );
  }
  t.match(
    throws(t, () => emulator.put(frame(), { time: 9, direction: 'up' as never })),
    { message: /direction/ },
  );
  t.equal(emulator.advance(9).length, 1);
  t.end();
});

t.test('flush drops what is inside, and counts it', (t) => {
  const emulator = new Emulator('pipe 1 config delay 1s\nadd pipe 1 ip from any to any');
  for (let k = 0; k < 10; k++) emulator.put(frame(), { time: k });
  emulator.flush();
  t.match(emulator.stats(), { inside: 0, drops: { flushed: 10 } });
  t.strictSame(emulator.advance(Infinity), []);
  t.end();
});

t.test('loss stays within the 99.9 % interval of its probability', (t) => {
  for (const [loss, p] of [
    [0.01, 0.01],
    ['0.1%', 0.001],
    [{ goodToBad: 0.01, badToGood: 0.25 }, 0.01 / 0.26],
  ] as const) {
    const emulator = new Emulator([new Link(1, { loss, queue: { packets: 1e6 } }), 'add pipe 1 out'], { seed: 11 });
    const n = 200_000;
    const data = frame(60);
    for (let k = 0; k < n; k++) emulator.put(data, { time: k * 1000 });
    const lost = emulator.stats().drops.loss ?? 0;
    // Losses of bursts come together: each counts for its mean length of 4, about twice.
    const deviation = Math.sqrt(n * p * (1 - p) * (typeof loss === 'object' ? 7 : 1));
    t.ok(Math.abs(lost - n * p) < 3.29 * deviation, `${JSON.stringify(loss)}: ${lost} of ${n}`);
  }
  t.end();
});
