/** SIGSTOP of one participant does not hold up the others. */
import './support/engine-folder';
import t from 'tap';
import { lib } from './support/library';
import { frame, send, take } from './support/frames';
import { Peer, type PeerContext } from './support/peer';

/** No other can be kept waiting for longer; the machine may be busy besides. */
const BOUND = 1000;
const SLACK = 2000;

t.test('a stopped receiver', async (t) => {
  const peer = await Peer.start();
  t.teardown(() => peer.kill());
  await peer.run(({ lib, ports }: PeerContext) => {
    ports.p = lib.open('vale0:stopped', { device: 'engine' });
  }, null);
  const a = lib.open('vale0:a', { device: 'engine' });
  const b = lib.open('vale0:b', { device: 'engine' });
  t.teardown(() => (a.close(), b.close()));
  peer.signal('SIGSTOP');
  const start = performance.now();
  let received = 0;
  for (let i = 0; i < 3000; i++) {
    send(a.txRings[0], frame(i));
    received += take(b.rxRings[0]).length;
    b.rxSync();
  }
  t.equal(received, 3000, 'others get all');
  t.ok(performance.now() - start < BOUND + SLACK, 'and the sender is not held up');
  peer.signal('SIGCONT');
  const there = await peer.run(({ ports }: PeerContext) => {
    ports.p.rxSync();
    return { waiting: ports.p.rxRings[0].available, counters: ports.p.counters() };
  }, null);
  t.equal(there.waiting, 1023);
  t.equal(there.counters!.dropFull, 3000 - 1023);
});

t.test('a stopped sender', async (t) => {
  const peers = await Promise.all([Peer.start(), Peer.start()]);
  t.teardown(() => Promise.all(peers.map((peer) => peer.kill())));
  for (const [i, peer] of peers.entries()) {
    await peer.run(({ lib, ports }: PeerContext, i: number) => {
      ports.p = lib.open(`vale0:s${i}`, { device: 'engine' });
    }, i);
    peer.start(({ frames, ports, note }: PeerContext & { note(value: unknown): void }) => {
      const { p } = ports;
      const [ring] = p.txRings;
      for (let i = 0; i < ring.numSlots; i++) ring.buffer(i).set(frames.frame(1));
      note('sending');
      const turn = () => {
        for (let k = 0; k < 100; k++) {
          for (let n = ring.available, i = ring.head; n > 0; n--, i = ring.next(i)) ring.setLength(i, 60);
          ring.advance(ring.available);
          p.txSync();
        }
        setImmediate(turn);
      };
      turn();
    }, null);
    await peer.note();
  }
  const sink = lib.open('vale0:sink', { device: 'engine' });
  t.teardown(() => sink.close());
  let longest = 0;
  for (let round = 0; round < 10; round++) {
    peers[0].signal('SIGSTOP'); // wherever it is, with luck in the middle of a batch
    let inside = false;
    for (let k = 0; k < 20 && !inside; k++) {
      const start = performance.now();
      const busy = sink.counters()!.dropBusy;
      // Stopped in the middle of a delivery to this very ring, it keeps the others out of it: they lose their frames, counted.
      if (sink.poll(lib.POLL.IN, BOUND) !== lib.POLL.IN) inside = sink.counters()!.dropBusy > busy;
      t.ok(inside || sink.rxRings[0].available > 0, 'frames come, or are counted as dropped');
      sink.rxRings[0].advance(sink.rxRings[0].available);
      const other = lib.open('vale0:other', { device: 'engine' });
      send(other.txRings[0], frame(1));
      other.close();
      longest = Math.max(longest, performance.now() - start);
    }
    peers[0].signal('SIGCONT');
    await new Promise((resolve) => setTimeout(resolve, 3 + round));
    t.equal(sink.poll(lib.POLL.IN, 10_000), lib.POLL.IN, 'then they come again');
  }
  t.ok(longest < BOUND + SLACK, `longest wait ${longest.toFixed()} ms`);
});
