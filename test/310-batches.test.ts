import t from 'tap';
import { pipe, vale } from './folder';
import { open, type Batch, type Port } from 'node-netmap';
import { codeOf, rejectionOf } from './throws';

let count = 0;

function pair(slots = 8): [Port, Port] {
  const name = `b${count++}`;
  const options = { txSlots: slots, rxSlots: slots };
  return [open(pipe('{', name), options), open(pipe('}', name), options)];
}

function send(port: Port, frames: number, length = 60): void {
  for (let k = 0; k < frames; k++) port.inject(Buffer.alloc(length, 0xff));
  port.txSync();
}

t.test('every packet once, slots released with the next turn', async (t) => {
  const [a, b] = pair(8);
  const [tx] = a.txRings;
  let sent = 0;
  let received = 0;
  const feed = () => {
    a.txSync();
    for (let i = tx.head, n = tx.available; n > 0 && sent < 100; n--, i = tx.next(i)) {
      tx.setLength(i, 60);
      a.u32[tx.offset(i) / 4] = sent++;
      tx.advance(1);
    }
    a.txSync();
    if (sent < 100) setImmediate(feed);
  };
  feed();
  for await (const batch of b.batches()) {
    t.ok(batch.count > 0);
    for (const i of batch) if (b.u32[batch.ring.offset(i) / 4] !== received++) t.fail('order');
    if (received === 100) break;
  }
  t.equal(received, 100);
  t.equal(b.rxRings[0].available, 0, 'released at the end, too');
  a.close();
  b.close();
});

t.test('max, and frames that stay whole', async (t) => {
  const [a, b] = pair(16);
  send(a, 5);
  const sizes: number[] = [];
  for await (const batch of b.batches({ max: 2 })) {
    sizes.push(batch.count);
    if (sizes.length === 3) break;
  }
  t.strictSame(sizes, [2, 2, 1]);
  a.txSync();
  send(a, 2, 2 * a.bufSize + 1);
  sizes.length = 0;
  for await (const batch of b.batches({ max: 2 })) {
    sizes.push(batch.count);
    t.equal([...batch.payloads()].length, 3);
    if (sizes.length === 2) break;
  }
  t.strictSame(sizes, [3, 3]);
  a.close();
  b.close();
});

t.test('all rings get their turn', async (t) => {
  using a = open(vale('a'), { txRings: 3 });
  using b = open(vale('b'), { rxRings: 3 });
  // The switch has to know where b is; then ring k of a goes to ring k of b.
  const mac = (n: number) => [2, 0, 0, 0, 0, n];
  b.inject(Uint8Array.from([...mac(9), ...mac(2), ...new Uint8Array(48)]));
  b.txSync();
  for (const ring of a.txRings) {
    ring.writeFrame(Uint8Array.from([...mac(2), ...mac(1), ...new Uint8Array(48)]));
    ring.advance(1);
  }
  a.txSync();
  const seen = new Set<number>();
  for await (const batch of b.batches()) {
    seen.add(batch.ring.id);
    if (seen.size === 3) break;
  }
  t.strictSame([...seen].sort(), [0, 1, 2]);
});

t.test('a busy port leaves turns to the event loop', async (t) => {
  const [a, b] = pair(64);
  const [tx] = a.txRings;
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const refill = () => {
    a.txSync();
    tx.advance(tx.available);
    a.txSync();
  };
  refill();
  for await (const { ring, count } of b.batches()) {
    ring.advance(count); // a pipe has room for more only when these are back
    b.rxSync();
    if (turns >= 3) break;
    refill(); // there is always more
  }
  clearInterval(timer);
  t.ok(turns >= 3);
  a.close();
  b.close();
});

t.test('a body that advances the ring itself', async (t) => {
  const [a, b] = pair(16);
  send(a, 6);
  let batches = 0;
  for await (const { ring, count } of b.batches({ max: 3 })) {
    ring.advance(count - 1);
    if (++batches === 2) break;
  }
  t.equal(b.rxRings[0].available, 0);
  a.close();
  b.close();
});

t.test('abort, close, second iteration, return while waiting', async (t) => {
  const [a, b] = pair();
  const controller = new AbortController();
  const first = b.batches({ signal: controller.signal });
  const waiting = first.next();
  t.equal(await rejectionOf(b.batches().next()), 'EBUSY');
  t.equal(await rejectionOf(first.next()), 'EBUSY');
  controller.abort(new Error('enough'));
  t.equal(await rejectionOf(waiting), 'Error: enough');
  t.same(await first.next(), { done: true, value: undefined });

  const second = b.batches();
  const pending = second.next();
  await second.return!();
  t.same(await pending, { done: true, value: undefined });

  const third = b.batches();
  const closed = rejectionOf(third.next());
  b.close();
  t.equal(await closed, 'ERR_NETMAP_CLOSED');
  t.equal(
    codeOf(() => b.batches()),
    'ERR_NETMAP_CLOSED',
  );

  const fourth = a.batches();
  a.close();
  t.equal(await rejectionOf(fourth.next()), 'ERR_NETMAP_CLOSED');
});

t.test('an error in the body releases the slots', async (t) => {
  const [a, b] = pair();
  send(a, 3);
  let seen: Batch | undefined;
  await t.rejects(async () => {
    for await (const batch of b.batches()) {
      seen = batch;
      throw new Error('body');
    }
  }, new Error('body'));
  t.equal(seen?.count, 3);
  t.equal(b.rxRings[0].available, 0);
  t.equal(
    codeOf(() => b.batches({ max: 0 })),
    'ERR_OUT_OF_RANGE',
  );
  t.equal(
    codeOf(() => b.batches({ size: 5 } as never)),
    'ERR_INVALID_ARG_VALUE',
  );
  a.close();
  b.close();
});
