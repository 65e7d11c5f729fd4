import t from 'tap';
import { pipe } from './folder';
import { open, POLL, type Port } from 'node-netmap';
import { codeOf, GARBAGE, rejectionOf } from './throws';

const FRAME = Buffer.alloc(60, 0xff);
let count = 0;

/** Both ends of a new pipe. */
function pair(slots = 8): [Port, Port] {
  const name = `w${count++}`;
  const options = { txSlots: slots, rxSlots: slots };
  return [open(pipe('{', name), options), open(pipe('}', name), options)];
}

function send(port: Port, frames = 1): void {
  for (let k = 0; k < frames; k++) port.inject(FRAME);
  port.txSync();
}

t.test('readable: at once, later, not in time', async (t) => {
  const [a, b] = pair();
  t.equal(await b.readable({ timeout: 0 }), false);
  t.equal(await b.readable({ timeout: 5 }), false);
  send(a);
  t.equal(await b.readable(), true);
  t.equal(b.rxRings[0].available, 1);
  b.rxRings[0].advance(1);
  for (let k = 0; k < 20; k++) {
    const waiting = b.readable();
    setImmediate(() => send(a));
    t.equal(await waiting, true);
    b.rxRings[0].advance(b.rxRings[0].available);
  }
  t.equal(await b.readable({ timeout: 0 }), false);
  a.close();
  b.close();
});

t.test('waiting sends what lies in the tx rings', async (t) => {
  const [a, b] = pair();
  const waiting = b.readable();
  a.inject(FRAME);
  t.equal(await a.readable({ timeout: 0 }), false);
  t.equal(await waiting, true);
  a.close();
  b.close();
});

t.test('writable: waits for room only', async (t) => {
  const [a, b] = pair();
  t.equal(await a.writable(), true);
  send(a, 7);
  t.equal(a.txRings[0].available, 0);
  t.equal(await a.writable({ timeout: 5 }), false);
  const waiting = a.writable();
  setImmediate(() => {
    b.rxSync();
    b.rxRings[0].advance(3);
    b.rxSync();
  });
  t.equal(await waiting, true);
  t.ok(a.txRings[0].available >= 1);
  a.close();
  b.close();
});

t.test('a cur at the tail waits for more', async (t) => {
  const [a, b] = pair();
  send(a);
  b.rxSync();
  const [ring] = b.rxRings;
  t.equal(ring.available, 1);
  ring.setCur(ring.tail);
  t.equal(await b.readable({ timeout: 5 }), false);
  const waiting = b.readable();
  setImmediate(() => send(a));
  t.equal(await waiting, true);
  t.equal(ring.available, 2);
  a.close();
  b.close();
});

t.test('one waiter in each direction', async (t) => {
  const [a, b] = pair();
  send(a, 7);
  const reading = a.readable();
  const writing = a.writable();
  t.equal(await rejectionOf(a.readable()), 'EBUSY');
  t.equal(await rejectionOf(a.writable()), 'EBUSY');
  send(b);
  t.equal(await reading, true);
  t.equal(await rejectionOf(a.writable()), 'EBUSY', 'the writer still waits');
  b.rxSync();
  b.rxRings[0].advance(7);
  b.rxSync();
  t.equal(await writing, true);
  a.close();
  b.close();
});

t.test('abort', async (t) => {
  const [a, b] = pair();
  const reason = new Error('enough');
  t.equal(await a.readable({ signal: AbortSignal.abort(reason) }).catch((e: unknown) => e), reason);
  const controller = new AbortController();
  const waiting = a.readable({ signal: controller.signal });
  setImmediate(() => controller.abort(reason));
  t.equal(await waiting.catch((e: unknown) => e), reason);
  t.equal((await a.readable({ signal: AbortSignal.timeout(1) }).catch((e: Error) => e.name)) as string, 'TimeoutError');
  send(b);
  t.equal(await a.readable({ signal: new AbortController().signal }), true, 'waits again after that');
  a.close();
  b.close();
});

t.test('close while waiting', async (t) => {
  const [a, b] = pair();
  send(a, 7);
  const waits = [a.readable(), a.writable({ timeout: 60000 })].map(rejectionOf);
  setImmediate(() => a.close());
  t.strictSame(await Promise.all(waits), ['ERR_NETMAP_CLOSED', 'ERR_NETMAP_CLOSED']);
  t.equal(await rejectionOf(a.readable()), 'ERR_NETMAP_CLOSED');
  t.equal(await rejectionOf(a.writable({ timeout: 0 })), 'ERR_NETMAP_CLOSED');
  b.close();
});

t.test('garbage', async (t) => {
  const [a, b] = pair();
  for (const value of GARBAGE) {
    if (value === undefined) continue;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      t.ok(await rejectionOf(a.readable(value as never)), `options ${String(value)}`);
    }
    t.ok(await rejectionOf(a.readable({ signal: value as never })), `signal ${String(value)}`);
    if (typeof value !== 'number' || !(value >= 0)) {
      t.ok(await rejectionOf(a.writable({ timeout: value as never })), `timeout ${String(value)}`);
      t.ok(
        codeOf(() => a.poll(value as never)),
        `poll(${String(value)})`,
      );
    }
    if (typeof value !== 'number' || Number.isNaN(value)) {
      t.ok(
        codeOf(() => a.poll(POLL.IN, value as never)),
        `poll(1, ${String(value)})`,
      );
    }
  }
  t.equal(await rejectionOf(a.readable({ timeOut: 5 } as never)), 'ERR_INVALID_ARG_VALUE');
  a.close();
  b.close();
});

t.test('a direction without rings', async (t) => {
  using sender = open('null:', { rxRings: 0 });
  using receiver = open('null:', { txRings: 0 });
  t.equal(await rejectionOf(sender.readable()), 'EINVAL');
  t.equal(await rejectionOf(sender.batches().next()), 'EINVAL');
  t.equal(await rejectionOf(receiver.writable()), 'EINVAL');
  t.equal(await receiver.readable({ timeout: 1 }), false);
});

t.test('poll', async (t) => {
  const [a, b] = pair();
  t.equal(a.poll(POLL.IN), 0);
  t.equal(a.poll(POLL.IN | POLL.OUT), POLL.OUT);
  t.equal(a.poll(POLL.IN, 3), 0);
  t.equal(a.poll(POLL.IN, 120), 0, 'longer than one native wait');
  send(b, 2);
  t.equal(a.poll(POLL.IN, -1), POLL.IN);
  t.equal(a.poll(POLL.IN, Infinity), POLL.IN);
  t.equal(a.rxRings[0].available, 2);
  a.inject(FRAME);
  a.poll(POLL.IN);
  b.rxSync();
  t.equal(b.rxRings[0].available, 1, 'poll sends');
  t.equal(
    codeOf(() => a.poll(POLL.IN, -2)),
    'ERR_OUT_OF_RANGE',
  );
  a.close();
  t.equal(
    codeOf(() => a.poll(POLL.IN)),
    'ERR_NETMAP_CLOSED',
  );
  b.close();
});
