import t from 'tap';
import { pipe, vale } from './folder';
import { Random } from './random';
import { receive, send } from './support/whole-frames';
import { Bridge, open, udpFrame, type BridgeOptions, type Port } from 'node-netmap';

let pipes = 0;

/** A bridge between two pipes of one memory region, and the far ends of both. */
function bridged(options: BridgeOptions = {}, slots = 64) {
  const name = `b${++pipes}`;
  const conf = `@conf:slots=${slots}`;
  const near = [open(pipe('{', `1${conf}`).replace(/^netmap:t/, `netmap:${name}t`)), undefined as unknown as Port];
  near[1] = open(near[0].name.replace('{1', '{2'));
  const far = near.map((port) => open(port.name.replace('{', '}')));
  const bridge = new Bridge(near[0], near[1], options);
  return {
    bridge,
    near,
    far,
    [Symbol.dispose]() {
      for (const port of [...near, ...far]) port.close();
    },
  };
}

function frames(count: number, length: (k: number) => number = () => 60): Buffer[] {
  return Array.from({ length: count }, (_, k) => Buffer.from(udpFrame({ length: length(k), dstPort: k })));
}

t.test('both ways between ports of one memory region, without a copy', async (t) => {
  using it = bridged();
  const { bridge, near, far } = it;
  const [ring] = far[0].txRings;
  const done = bridge.start();
  const there = frames(40, (k) => 60 + k);
  const back = frames(30, (k) => 200 - k);
  const buffer = ring.bufferIndex(ring.head);
  await send(far[0], there);
  await send(far[1], back);
  await far[1].readable();
  t.equal(far[1].rxRings[0].bufferIndex(far[1].rxRings[0].head), buffer, 'the very buffer arrives');
  t.strictSame(await receive(far[1], 40), there);
  t.strictSame(await receive(far[0], 30), back);
  bridge.stop();
  await done;
  const bytes = [...there, ...back].reduce((sum, { length }) => sum + length, 0);
  t.match(bridge.stats(), {
    packets: 70,
    bytes,
    refused: 0,
    skipped: 0,
    zeroCopy: true,
    directions: [
      { from: near[0].name, to: near[1].name, packets: 40 },
      { from: near[1].name, to: near[0].name, packets: 30 },
    ],
  });
  t.ok(bridge.stats().seconds > 0);
});

t.test('the hook sees every frame once, changes bytes, and drops', async (t) => {
  const seen: [number, number][] = [];
  using it = bridged(
    {
      hook: [
        (u8, offset, length, ring, slot) => {
          seen.push([u8[offset + 37], length]);
          if (ring.length(slot) !== length) throw new Error('not its slot');
          u8[offset + length - 1] = 0xee;
          return u8[offset + 37] % 3 !== 0; // the low byte of the destination port
        },
        undefined,
      ],
    },
    32, // short: what does not fit waits, and must not be judged again
  );
  const { bridge, far } = it;
  const done = bridge.start();
  const all = frames(120, (k) => 60 + (k % 7));
  const kept = all.filter((_, k) => k % 3 !== 0);
  const sending = (async () => {
    for (const frame of all) {
      while (!far[0].inject(frame)) await far[0].writable();
      far[0].txSync();
    }
  })();
  const got = await receive(far[1], kept.length);
  await sending;
  for (const frame of kept) frame[frame.length - 1] = 0xee;
  t.strictSame(got, kept);
  t.strictSame(
    seen,
    all.map((frame, k) => [k, frame.length]),
  );
  await send(far[1], all.slice(0, 10));
  t.strictSame(await receive(far[0], 10), all.slice(0, 10), 'the other direction has no hook');
  bridge.stop();
  await done;
  t.match(bridge.stats(), { packets: kept.length + 10, refused: 40, directions: [{ refused: 40 }, { refused: 0 }] });
});

t.test('frames over several slots stay whole, with a hook and without', async (t) => {
  for (const hook of [undefined, (u8: Uint8Array, offset: number) => (u8[offset + 37] & 1) === 0]) {
    using it = bridged({ hook }, 32);
    const { bridge, far } = it;
    const done = bridge.start();
    const { bufSize } = far[0];
    const random = new Random(7);
    const all = frames(60, (k) => (k % 3 === 0 ? 2 * bufSize + random.below(bufSize) : 60));
    const kept = hook ? all.filter((_, k) => k % 2 === 0) : all;
    const sending = (async () => {
      for (const frame of all) {
        while (!far[0].inject(frame)) {
          far[0].txSync();
          await new Promise((later) => setTimeout(later, 1));
        }
        far[0].txSync();
      }
    })();
    t.strictSame(await receive(far[1], kept.length), kept);
    await sending;
    bridge.stop();
    await done;
    t.equal(bridge.stats().packets, kept.length);
    t.equal(bridge.stats().refused, all.length - kept.length);
  }
});

t.test('copies between memories of their own', async (t) => {
  using a = open(vale('a'));
  using b = open(vale('b').replace(':', 'x:'));
  using outsideA = open(vale('c'));
  using outsideB = open(vale('c').replace(':', 'x:'));
  const bridge = new Bridge(a, b);
  const done = bridge.start();
  const all = frames(100, (k) => (k % 10 === 0 ? 3000 : 60 + k));
  await send(outsideA, all);
  t.strictSame(await receive(outsideB, 100), all);
  await send(outsideB, all.slice(0, 50));
  t.strictSame(await receive(outsideA, 50), all.slice(0, 50));
  bridge.stop();
  await done;
  t.match(bridge.stats(), { packets: 150, zeroCopy: false });
  using it = bridged({ copy: true, count: 5 });
  const copying = it.bridge.start();
  const buffer = it.far[0].txRings[0].bufferIndex(it.far[0].txRings[0].head);
  await send(it.far[0], all.slice(1, 6));
  await copying;
  it.far[1].rxSync();
  t.not(it.far[1].rxRings[0].bufferIndex(it.far[1].rxRings[0].head), buffer);
  t.match(it.bridge.stats(), { packets: 5, zeroCopy: false });
});

t.test('ends at a count, after a silence, after a time, at stop', async (t) => {
  using it = bridged({ count: 7, oneWay: true });
  await send(it.far[0], frames(20));
  await it.bridge.start();
  t.match(it.bridge.stats(), { packets: 7, directions: [{ packets: 7 }] });
  t.equal(it.bridge.stats().directions.length, 1);
  for (const options of [{ timeout: 0.02 }, { duration: 0.02 }]) {
    using other = bridged(options);
    const start = performance.now();
    await other.bridge.start();
    t.ok(performance.now() - start >= 19, Object.keys(options)[0]);
  }
  using another = bridged();
  const bridge = another.bridge;
  setTimeout(() => bridge.stop(), 5);
  await bridge.start();
  t.match(bridge.stats(), { packets: 0, seconds: 0, pps: 0 });
});

t.test('a reader that does not read: everything waits, nothing is lost', async (t) => {
  using it = bridged({}, 16);
  const { bridge, far } = it;
  const done = bridge.start();
  const all = frames(45);
  let sent = 0;
  for (let tries = 0; tries < 20; tries++) {
    while (sent < all.length && far[0].inject(all[sent])) sent++;
    far[0].txSync();
    await new Promise((later) => setTimeout(later, 1));
  }
  t.ok(sent < 45, 'the sender is held up');
  const rest = (async () => {
    for (; sent < all.length; far[0].txSync()) {
      if (far[0].inject(all[sent])) sent++;
      else await far[0].writable();
    }
  })();
  t.strictSame(await receive(far[1], 45), all);
  await rest;
  bridge.stop();
  await done;
});

t.test('frames that no slot takes are skipped, and the next ones go on', async (t) => {
  using it = bridged({ oneWay: true, copy: true });
  using small = open(vale('small@conf:slots=4').replace(':', 'y:'));
  using listener = open(vale('listener').replace(':', 'y:'));
  const bridge = new Bridge(it.near[0], small, { oneWay: true, timeout: 0.05 });
  const { bufSize } = small;
  const good = frames(3);
  await send(it.far[0], [good[0], Buffer.alloc(5 * bufSize, 1), good[1], good[2]]);
  await bridge.start();
  t.strictSame(await receive(listener, 3), good);
  t.match(bridge.stats(), { packets: 3, skipped: 1 });
});

t.test('timers fire while it is busy', async (t) => {
  using it = bridged({ hook: () => true }, 1024);
  const { bridge, far } = it;
  const done = bridge.start();
  const frame = frames(1)[0];
  let longest = 0;
  const began = performance.now();
  for (let last = began; last - began < 100;) {
    while (far[0].inject(frame));
    far[0].txSync();
    far[1].rxSync();
    far[1].rxRings[0].advance(far[1].rxRings[0].available);
    await new Promise((later) => setTimeout(later, 0));
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  bridge.stop();
  await done;
  t.ok(bridge.stats().packets > 0);
  t.comment(`the event loop turned every ${longest.toFixed(1)} ms at least`);
});

t.test('a port that closes ends it with an error', async (t) => {
  using it = bridged();
  const done = it.bridge.start();
  setTimeout(() => it.near[1].close(), 5);
  await t.rejects(done, { code: 'ERR_NETMAP_CLOSED' });
});

t.test('a hook that throws ends it with its error', async (t) => {
  using it = bridged({
    hook: () => {
      throw new Error('mine');
    },
  });
  const done = it.bridge.start();
  await send(it.far[0], frames(1));
  await t.rejects(done, new Error('mine'));
});

t.test('wrong arguments', async (t) => {
  using it = bridged();
  const [a, b] = it.near;
  const make = (options: unknown) => () => new Bridge(a, b, options as BridgeOptions);
  t.throws(() => new Bridge(a, 'b' as never), { code: 'ERR_INVALID_ARG_TYPE', message: /"b" must be a Port/ });
  t.throws(make({ hook: 5 }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(make({ count: 0 }), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(make({ duration: '1' }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(make({ oneway: true }), { code: 'ERR_INVALID_ARG_VALUE' });
  using blind = open(vale('blind'), { txOnly: true });
  t.throws(() => new Bridge(blind, a), { code: 'EINVAL', message: /no ring to receive by/ });
  t.doesNotThrow(() => new Bridge(a, blind, { oneWay: true }));
});
