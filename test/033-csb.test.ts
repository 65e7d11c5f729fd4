import { setTimeout as pause } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { pipe, vale } from './folder';
import { forward, open, POLL, probe, type CsbPort, type KloopOptions } from 'node-netmap';
import { codeOf, rejectionOf } from './throws';

function frame(number: number, length = 60): Uint8Array {
  const bytes = new Uint8Array(length).fill(255, 0, 6);
  bytes[6] = 2;
  new DataView(bytes.buffer).setUint32(20, number);
  return bytes;
}

/** Both ends of a pipe in CSB mode. */
function ends(t: Test, name: string, slots = 64): [CsbPort, CsbPort] {
  const geometry = { txSlots: slots, rxSlots: slots, csb: true } as const;
  const both: [CsbPort, CsbPort] = [open(pipe('{', name), geometry), open(pipe('}', name), geometry)];
  t.teardown(() => both.forEach((port) => port.close()));
  return both;
}

t.test('open', async (t) => {
  using port = open(vale('a'), { csb: true });
  t.equal(port.constructor.name, 'CsbPort');
  t.equal(port.csb.rings.length, 2);
  t.ok(port.csb.kickFd > 2 && port.csb.irqFd > 2);
  t.equal(
    codeOf(() => open(vale('a'))),
    'EBUSY',
    'it is exclusive',
  );
  t.equal(
    codeOf(() => open(vale('b'), { csb: true, exclusive: false })),
    'ERR_INVALID_ARG_VALUE',
  );
  t.equal(
    codeOf(() => open(vale('b'), { csb: 1 as never })),
    'ERR_INVALID_ARG_TYPE',
  );
  using plain = open(vale('b'));
  t.notOk('csb' in plain);
  t.throws(() => new (port.constructor as new () => CsbPort)(), { code: 'ERR_INVALID_ARG_TYPE' });
});

t.test('options of a loop', async (t) => {
  using port = open(vale('a'), { csb: true });
  const wrong: [KloopOptions | object, string][] = [
    [{ sleepUs: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ sleepUs: 1_000_001 }, 'ERR_OUT_OF_RANGE'],
    [{ sleepUs: '1' }, 'ERR_INVALID_ARG_TYPE'],
    [{ sleep: 1 }, 'ERR_INVALID_ARG_VALUE'],
    [{ direct: { tx: 1 } }, 'ERR_INVALID_ARG_TYPE'],
    [{ direct: true }, 'ERR_INVALID_ARG_TYPE'],
    [{ direct: { tx: true }, sleepUs: 10 }, 'ERR_INVALID_ARG_VALUE'],
    [{ eventfds: [] }, 'ERR_OUT_OF_RANGE'],
    [{ eventfds: [{}, {}, {}] }, 'ERR_OUT_OF_RANGE'],
    [{ eventfds: [{ kick: 1.5 }, {}] }, 'ERR_OUT_OF_RANGE'],
    [{ eventfds: [{ kik: 1 }, {}] }, 'ERR_INVALID_ARG_VALUE'],
  ];
  for (const [options, code] of wrong) {
    t.equal(
      codeOf(() => port.startKloop(options as KloopOptions)),
      code,
      JSON.stringify(options),
    );
  }
  t.equal(await rejectionOf(port.startKloop({ eventfds: [{ irq: 0 }, {}] }).done), 'EINVAL', 'no eventfd');
  t.equal(await rejectionOf(port.startKloop({ eventfds: [{ kick: 0x7fff }, {}] }).done), 'EBADF');
  await port.startKloop({ eventfds: [{ irq: port.csb.irqFd }, { kick: port.csb.kickFd, irq: -1 }] }).stop();
});

t.test('one loop at a time, as often as one likes', async (t) => {
  using port = open(vale('a'), { csb: true });
  const loop = port.startKloop();
  t.equal(
    codeOf(() => port.startKloop()),
    'EBUSY',
  );
  t.ok(loop.running);
  await Promise.all([loop.stop(), loop.stop()]);
  t.notOk(loop.running);
  await loop.stop();
  for (let k = 0; k < 20; k++) {
    await using next = port.startKloop(k % 2 ? { sleepUs: 1_000_000 } : {});
    t.ok(next.running);
  }
  port.close();
  t.equal(
    codeOf(() => port.startKloop()),
    'ERR_NETMAP_CLOSED',
  );
});

for (const [title, options] of [
  ['eventfds', {}],
  ['sleeping', { sleepUs: 20 }],
  ['direct', { direct: { tx: true, rx: true } }],
] as [string, KloopOptions][]) {
  // A kick serves the other end at once there, whose loop is to be told by an eventfd: Linux warns of eventfds in eventfds.
  const skip = options.direct && probe().device === 'kernel' && 'the kernel module makes Linux complain in its log';
  t.test(`a pipe between two loops: ${title}`, { skip }, async (t) => {
    const [a, b] = ends(t, title);
    a.startKloop(options);
    b.startKloop(options);
    const total = 5000;
    const sending = (async () => {
      for (let n = 0; n < total;) {
        if (a.inject(frame(n, 60 + (n % 500)))) n++;
        else await a.writable();
        if (n % 16 === 0 || n === total) a.txSync();
      }
    })();
    let expected = 0;
    let wrong = 0;
    for await (const batch of b.batches()) {
      for (const packet of batch.payloads()) {
        const number = Buffer.from(packet.buffer, packet.byteOffset, packet.length).readUInt32BE(20);
        if (number !== expected++ || packet.length !== 60 + (number % 500)) wrong++;
      }
      if (expected === total) break;
    }
    await sending;
    t.equal(wrong, 0);
    t.equal(expected, total);
  });
}

t.test('what other ports do works here, too', async (t) => {
  const [a, b] = ends(t, 'all', 16);
  a.startKloop({ sleepUs: 20 });
  b.startKloop();
  t.equal(a.poll(POLL.OUT, 0), POLL.OUT);
  t.equal(b.poll(POLL.IN, 5), 0);
  for (let n = 0; n < 4; n++) a.inject(frame(n));
  a.txSync();
  t.equal(b.poll(POLL.IN, 5000), POLL.IN, 'blocking');
  t.ok(b.rxRings[0].timestamp > 1e9);
  while (b.rxRings[0].available < 4) b.rxSync();
  t.ok(a.canSwapWith(b));
  t.equal(forward(b.rxRings[0], b.txRings[0]), 4, 'back again');
  b.txSync();
  b.rxSync();
  t.equal(await a.readable({ timeout: 5000 }), true);
  while (a.rxRings[0].available < 4) a.rxSync();
  t.equal(Buffer.from(a.rxRings[0].payload(3)).readUInt32BE(20), 3);
  t.equal(await b.readable({ timeout: 5 }), false);
  if (a.device === 'engine') t.equal(a.counters()!.txPackets, 4);
});

t.test('polling for packets sends what is pending, unless told otherwise', async (t) => {
  using quiet = open(vale('q'), { csb: true, noTxPoll: true });
  using port = open(vale('a'), { csb: true });
  using other = open(vale('b'));
  port.startKloop();
  quiet.startKloop();
  quiet.inject(frame(1));
  t.equal(quiet.poll(POLL.IN, 20), 0);
  other.rxSync();
  t.equal(other.rxRings[0].available, 0);
  port.inject(frame(2));
  t.equal(port.poll(POLL.IN, 20), 0);
  for (let ms = 0; ms < 5000 && other.rxRings[0].available === 0; ms++) {
    await pause(1);
    other.rxSync();
  }
  t.equal(other.rxRings[0].available, 1);
});

t.test('the arrays, and starting over with them', async (t) => {
  const [a, b] = ends(t, 'arrays', 16);
  const loop = a.startKloop({ sleepUs: 20 });
  a.inject(frame(1));
  a.txSync();
  while (a.csb.ktoa[0] !== 1) await pause(1);
  t.equal(
    codeOf(() => a.csb.reset()),
    'EBUSY',
  );
  await loop.stop();
  a.inject(frame(2));
  a.csb.atok.fill(0x12345678);
  a.csb.reset();
  t.strictSame([...a.csb.atok.subarray(0, 2)], [1, 1]);
  t.equal(a.txRings[0].head, 1, 'what was not synced is forgotten');
  b.close();
});

t.test('nonsense in the arrays costs packets at most', async (t) => {
  const [a, b] = ends(t, 'nonsense', 16);
  for (const options of [{ sleepUs: 0 }, { direct: { tx: true } }, {}]) {
    const loop = a.startKloop(options);
    for (let n = 0; n < 3000; n++) {
      const words = n % 2 ? a.csb.atok : a.csb.ktoa;
      words[16 * (n % 4 < 2 ? 0 : 1) + (n % 3)] = n % 5 ? (n * 2654435761) >>> 0 : n % 16;
      if (n % 10 === 0) a.txSync();
      if (n % 100 === 0) {
        b.rxSync();
        await pause(0);
      }
    }
    await loop.stop();
    a.csb.reset();
  }
  t.pass();
});

t.test('a closed port: its loop has ended, its arrays are memory like any other', async (t) => {
  const port = open(vale('a'), { csb: true });
  const { atok } = port.csb;
  const loop = port.startKloop({ sleepUs: 1_000_000 });
  port.close();
  await loop.done;
  atok.fill(1);
  t.equal(
    codeOf(() => port.txSync()),
    'ERR_NETMAP_CLOSED',
  );
  open(vale('a'), { exclusive: true }).close();
});
