import t from 'tap';
import { vale } from './folder';
import { forward, open } from 'node-netmap';
import { codeOf, rejectionOf } from './throws';

t.test('after close every method throws ERR_NETMAP_CLOSED', async (t) => {
  const port = open(vale('a'), { extraBuffers: 4 });
  using other = open(vale('b'));
  const [tx] = port.txRings;
  const [rx] = port.rxRings;
  const frame = new Uint8Array(60);
  const buffer = tx.buffer(0);
  port.close();
  port.close();
  port[Symbol.dispose]();
  const calls: [string, () => unknown][] = [
    ['txSync', () => port.txSync()],
    ['rxSync', () => port.rxSync()],
    ['poll', () => port.poll(1)],
    ['batches', () => port.batches()],
    ['buffer', () => port.buffer(5)],
    ['bufferOffset', () => port.bufferOffset(5)],
    ['inject', () => port.inject(frame)],
    ['counters', () => port.counters()],
    ['indirect', () => port.indirect(frame)],
    ['extraBuffers.take', () => port.extraBuffers.take()],
    ['extraBuffers.give', () => port.extraBuffers.give(5)],
    ['available', () => tx.available],
    ['pending', () => tx.pending],
    ['length', () => tx.length(0)],
    ['setLength', () => tx.setLength(0, 60)],
    ['flags', () => tx.flags(0)],
    ['setFlags', () => tx.setFlags(0, 0)],
    ['bufferIndex', () => tx.bufferIndex(0)],
    ['setBufferIndex', () => tx.setBufferIndex(0, 5)],
    ['offset', () => tx.offset(0)],
    ['ring.buffer', () => tx.buffer(0)],
    ['payload', () => tx.payload(0)],
    ['pointer', () => tx.pointer(0)],
    ['setPointer', () => tx.setPointer(0, 0n)],
    ['advance', () => tx.advance(1)],
    ['advance 0', () => tx.advance(0)],
    ['setHead', () => tx.setHead(0)],
    ['setCur', () => tx.setCur(0)],
    ['swap', () => tx.swap(0, other.txRings[0], 0)],
    ['swap with a closed one', () => other.txRings[0].swap(0, tx, 0)],
    ['timestamp', () => rx.timestamp],
    ['ringFlags', () => rx.ringFlags],
    ['set ringFlags', () => (rx.ringFlags = 0)],
    ['frameSlots', () => rx.frameSlots(0)],
    ['readFrame', () => rx.readFrame(0, frame)],
    ['writeFrame', () => tx.writeFrame(frame)],
    ['forward from', () => forward(rx, other.txRings[0])],
    ['forward to', () => forward(other.rxRings[0], tx)],
  ];
  for (const [name, call] of calls) t.equal(codeOf(call), 'ERR_NETMAP_CLOSED', name);
  t.equal(await rejectionOf(port.readable()), 'ERR_NETMAP_CLOSED');
  t.equal(await rejectionOf(port.writable()), 'ERR_NETMAP_CLOSED');
  t.equal(port.ref().unref(), port);
  t.equal(port.canSwapWith(other), false);
  t.equal(other.canSwapWith(port), false);
  t.equal(buffer.length, 0, 'views have become empty');
  buffer[0] = 1;
  port.u32[100] = 5;
});

t.test('using closes', async (t) => {
  let port;
  {
    using inner = open(vale('a/x'));
    port = inner;
  }
  t.equal(port.closed, true);
});

t.test('a port that is forgotten is closed by the garbage collector or at exit', async (t) => {
  for (let k = 0; k < 20; k++) open(vale(`p${k}`)).unref();
  t.pass();
});

// Node 22 and later: the memory moves to another ArrayBuffer that close() cannot empty.
const buffer = ArrayBuffer.prototype as { transfer?: () => ArrayBuffer };
t.test('memory that was transferred away can still be touched after close', { skip: !buffer.transfer }, async (t) => {
  const port = open(vale('c/x'));
  const moved = (port.u8.buffer as unknown as { transfer(): ArrayBuffer }).transfer();
  const bytes = new Uint8Array(moved);
  t.equal(port.u8.length, 0);
  t.equal(bytes.length, port.memSize);
  t.equal(
    codeOf(() => port.txRings[0].available),
    undefined,
    'not closed: just nothing there',
  );
  port.close();
  for (let at = 0; at < bytes.length; at += 4096) bytes[at] = bytes[at] ^ 1;
  t.equal(port.closed, true);
  open(vale('c/x')).close();
  const again = open(vale('c/x'));
  for (let at = 0; at < bytes.length; at += 65536) bytes[at] = 0xee;
  t.equal(again.txRings[0].numSlots, 1024, 'a later port does not see what is written there');
  again.close();
});

t.test('the region cannot be sent to another thread', async (t) => {
  using port = open(vale('d'));
  codeOf(() => structuredClone(port.u8.buffer, { transfer: [port.u8.buffer as ArrayBuffer] }));
  t.equal(port.u8.length, port.memSize);
  port.txSync();
});
