/** Monitors across processes and threads: what they see, and how they end when their port does. On the kernel, too. */
import { pipe, vale } from './folder';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { NetmapError, NS, open, POLL, type Port } from 'node-netmap';
import t from 'tap';
import { frame, send, tagOf, take } from './support/frames';
import { Peer, type PeerContext } from './support/peer';
import { codeOf, rejectionOf } from './throws';

/** A port in another process, which sends when asked to. */
async function elsewhere(name: string, options = {}): Promise<Peer> {
  const peer = await Peer.start();
  await peer.run(
    ({ lib, ports }: PeerContext, { name, options }) => {
      ports.p = lib.open(name, options);
    },
    { name, options },
  );
  return peer;
}

const sendThere = (peer: Peer, tags: number[]) =>
  peer.run(({ frames, ports }: PeerContext, tags: number[]) => {
    frames.send(ports.p.txRings[0], ...tags.map((tag) => frames.frame(tag)));
  }, tags);

t.test('a monitor is recognised, and has no tx ring unless it is asked for', async (t) => {
  using port = open(vale('a'));
  using copy = open(vale('a/rt'));
  using zero = open(vale('a'), { monitor: { zeroCopy: true } });
  using full = open(vale('a/r'), { rxOnly: false });
  t.strictSame(
    [port, copy, zero, full].map(({ monitor }) => monitor),
    [false, true, true, true],
  );
  t.strictSame(
    [port, copy, zero, full].map(({ ended }) => ended),
    [false, false, false, false],
  );
  t.strictSame(
    [copy, zero, full].map(({ txRings }) => txRings.length),
    [0, 0, 1],
  );
  t.equal(zero.memId, port.memId);
  t.ok(zero.canSwapWith(port));
  t.equal(await rejectionOf(copy.writable()), 'EINVAL');
  t.equal(
    codeOf(() => open(vale('a/t'), { txOnly: true })),
    'ERR_INVALID_ARG_VALUE',
  );
  t.equal(
    codeOf(() => open('null:', { monitor: { rx: true } })),
    'ERR_INVALID_ARG_VALUE',
  );
  t.equal(
    codeOf(() => open(vale('nobody/r'))),
    'EINVAL',
  );
});

t.test('of a port in another process, by copy and by buffer', async (t) => {
  const peer = await elsewhere(vale('a'));
  t.teardown(() => peer.end());
  using b = open(vale('b'));
  using copy = open(vale('a/rt'));
  using zero = open(vale('a/z'));
  await sendThere(peer, [1, 2]);
  t.equal(await copy.readable({ timeout: 10_000 }), true);
  t.strictSame(take(copy.rxRings[0]), [1, 2]);
  t.ok(copy.rxRings[0].flags(0) & NS.TXMON);
  t.strictSame(take(zero.rxRings[0]), [1, 2]);
  send(b.txRings[0], frame(3));
  t.strictSame(take(copy.rxRings[0]), [3], 'its owner has not looked yet');
  t.strictSame(take(zero.rxRings[0]), []);
  const got = await peer.run(({ frames, ports }: PeerContext) => {
    const tags = frames.take(ports.p.rxRings[0]);
    ports.p.rxSync();
    return tags;
  }, null);
  t.strictSame(got, [3]);
  t.strictSame(take(zero.rxRings[0]), [3]);
});

t.test('batches end with the port, after its last packet', async (t) => {
  const peer = await elsewhere(vale('a'));
  t.teardown(() => peer.end());
  using monitor = open(vale('a/t'));
  const seen: number[] = [];
  const reading = (async () => {
    for await (const batch of monitor.batches()) for (const bytes of batch.payloads()) seen.push(tagOf(bytes));
  })();
  await sendThere(peer, [1, 2, 3]);
  await sendThere(peer, [4]);
  while (seen.length < 4) await new Promise((later) => setTimeout(later, 5));
  t.equal(monitor.ended, false);
  await peer.run(({ ports }: PeerContext) => ports.p.close(), null);
  await reading;
  t.strictSame(seen, [1, 2, 3, 4]);
  t.equal(monitor.ended, true);
  t.strictSame(await monitor.batches().next(), { done: true, value: undefined }, 'and there are no others');
});

t.test('readable and poll say that the port has gone', async (t) => {
  let port = open(vale('a'));
  using monitor = open(vale('a/t'));
  const waiting = monitor.readable();
  setTimeout(() => port.close(), 30);
  const error = await waiting.then(
    () => undefined,
    (reason: NetmapError) => reason,
  );
  t.match(error, { name: 'NetmapError', code: 'ERR_NETMAP_ENDED', port: vale('a/t'), hint: String });
  t.match(error?.message, 'has been closed');
  t.equal(await rejectionOf(monitor.readable({ timeout: 0 })), 'ERR_NETMAP_ENDED');
  t.equal(
    codeOf(() => monitor.poll(POLL.IN, 1000)),
    'ERR_NETMAP_ENDED',
  );
  monitor.rxSync();
  port = open(vale('a'));
  t.equal(monitor.ended, true, 'for good');
  port.close();
  monitor.close();
  t.equal(monitor.ended, false, 'closed by ourselves');
  t.equal(await rejectionOf(monitor.readable()), 'ERR_NETMAP_CLOSED');
});

t.test('what was shown before the end can be read', async (t) => {
  const port = open(vale('a'));
  using monitor = open(vale('a/t'));
  send(port.txRings[0], frame(1), frame(2));
  t.equal(monitor.poll(POLL.IN), POLL.IN);
  port.close();
  t.equal(monitor.poll(POLL.IN), POLL.IN);
  t.equal(await monitor.readable(), true);
  t.strictSame(take(monitor.rxRings[0]), [1, 2]);
  t.equal(await rejectionOf(monitor.readable()), 'ERR_NETMAP_ENDED');
});

t.test('the owner of the port is killed', async (t) => {
  const peer = await elsewhere(pipe('{'));
  using monitor = open(`${pipe('{')}/t`);
  await sendThere(peer, [1]);
  const seen: number[] = [];
  const reading = (async () => {
    for await (const batch of monitor.batches()) for (const bytes of batch.payloads()) seen.push(tagOf(bytes));
  })();
  while (seen.length < 1) await new Promise((later) => setTimeout(later, 5));
  t.equal(await peer.kill(), 'SIGKILL');
  await reading; // nobody has told the monitor: it looks by itself
  t.strictSame(seen, [1]);
});

t.test('the monitor is killed, stopped, or leaves without a word', async (t) => {
  const port: Port = open(vale('a'));
  t.teardown(() => port.close());
  const [tx] = port.txRings;
  for (const flags of ['rt', 'z']) {
    for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
      const peer = await elsewhere(vale(`a/${flags}`), { rxSlots: 64 });
      send(tx, frame(1));
      peer.signal(signal);
      using other = open(vale('a/t'), { rxSlots: 1024 });
      const start = performance.now();
      for (let k = 0; k < 500; k++) {
        while (tx.available < 2) port.txSync();
        send(tx, frame(k), frame(k));
        if (k % 100 === 99) t.equal(take(other.rxRings[0]).length, 200);
      }
      t.ok(performance.now() - start < 10_000, 'the port goes on');
      await peer.kill();
    }
  }
  using last = open(vale('a/z'));
  send(tx, frame(7));
  t.strictSame(take(last.rxRings[0]), [7]);
  const indices = new Set<number>();
  for (const ring of [...port.txRings, ...port.rxRings, ...last.rxRings]) {
    for (let i = 0; i < ring.numSlots; i++) indices.add(ring.bufferIndex(i));
  }
  const slots = [...port.txRings, ...port.rxRings, ...last.rxRings].reduce((sum, ring) => sum + ring.numSlots, 0);
  t.equal(indices.size, slots, 'each buffer is in one slot');
});

t.test('a worker per ring watches what the main thread sends', async (t) => {
  const port = open(vale('a'), { txRings: 2, rxRings: 2 });
  const library = join(__dirname, '../..');
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { open } = require(workerData.library);
    const monitor = open(workerData.name);
    parentPort.postMessage('open');
    (async () => {
      let packets = 0;
      for await (const batch of monitor.batches()) packets += batch.count;
      monitor.close();
      parentPort.postMessage(packets);
    })();`;
  const workers = [0, 1].map(
    (ring) => new Worker(code, { eval: true, workerData: { library, name: vale(`a-${ring}/t`) } }),
  );
  const said = (worker: Worker) =>
    new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  await Promise.all(workers.map(said));
  const results = workers.map(said);
  for (let k = 0; k < 100; k++) {
    send(port.txRings[0], frame(k));
    if (k % 2) send(port.txRings[1], frame(k));
  }
  // On the kernel what is not yet synced at the end is lost.
  await new Promise((later) => setTimeout(later, 300));
  port.close();
  t.strictSame(await Promise.all(results), [100, 50]);
});
