/** One switch, several processes: learning, flooding, loss counted to the packet. */
import './support/engine-folder';
import t from 'tap';
import { lib } from './support/library';
import { BROADCAST, frame, mac, send, take } from './support/frames';
import { Peer, type PeerContext } from './support/peer';

async function members(names: string[]): Promise<Peer[]> {
  return Promise.all(
    names.map(async (name) => {
      const peer = await Peer.start();
      await peer.run(({ lib, ports }: PeerContext, name: string) => {
        ports.p = lib.open(`vale0:${name}`, { device: 'engine' });
      }, name);
      return peer;
    }),
  );
}

const heard = (peer: Peer) => peer.run(({ frames, ports }: PeerContext) => frames.take(ports.p.rxRings[0]), null);

const say = (peer: Peer, tag: number, to: number[], from: number[]) =>
  peer.run(
    ({ frames, ports }: PeerContext, { tag, to, from }) => frames.send(ports.p.txRings[0], frames.frame(tag, to, from)),
    { tag, to, from },
  );

t.test('four processes learn where each address is', async (t) => {
  const peers = await members(['a', 'b', 'c', 'd']);
  t.teardown(() => Promise.all(peers.map((peer) => peer.end())));
  for (const [i, peer] of peers.entries()) await say(peer, i, BROADCAST, mac(i));
  for (const [i, peer] of peers.entries()) {
    t.strictSame(
      await heard(peer),
      [0, 1, 2, 3].filter((tag) => tag !== i),
      'floods reach all others',
    );
  }
  for (let from = 0; from < 4; from++) {
    for (let to = 0; to < 4; to++) if (to !== from) await say(peers[from], 10 * from + to, mac(to), mac(from));
  }
  for (const [i, peer] of peers.entries()) {
    const wanted = [0, 1, 2, 3].filter((from) => from !== i).map((from) => 10 * from + i);
    t.strictSame(await heard(peer), wanted, 'known addresses reach their own port only');
  }
});

t.test('what a receiver does not get is counted to the packet', async (t) => {
  const [sink] = await members(['sink']);
  const sources = await members(['x', 'y']);
  t.teardown(() => Promise.all([sink, ...sources].map((peer) => peer.end())));
  const own = lib.open('vale0:watch', { device: 'engine' });
  t.teardown(() => own.close());
  const count = 200_000;
  const receiving = sink.run(async ({ ports, lib }: PeerContext) => {
    const { p } = ports;
    const [ring] = p.rxRings;
    let received = 0;
    while (await p.readable({ timeout: 1000 })) {
      received += ring.available;
      ring.advance(ring.available);
      p.rxSync();
    }
    return { received, counters: p.counters(), closed: lib.ports().length };
  }, null);
  const sent = await Promise.all(
    sources.map((source) =>
      source.run(({ frames, ports }: PeerContext, count: number) => {
        const { p } = ports;
        const [ring] = p.txRings;
        const bytes = frames.frame(1);
        for (let i = 0; i < ring.numSlots; i++) {
          ring.buffer(i).set(bytes);
          ring.setLength(i, 60);
        }
        for (let left = count; left > 0;) {
          const n = Math.min(left, ring.available, 256);
          ring.advance(n);
          p.txSync();
          left -= n;
        }
        return p.counters()!.txPackets;
      }, count),
    ),
  );
  t.strictSame(sent, [count, count]);
  const { received, counters } = await receiving;
  t.equal(counters!.rxPackets, received, 'all that was placed was read');
  t.equal(received + counters!.dropFull + counters!.dropBusy, 2 * count, 'sent = received + dropped');
  t.equal(counters!.rxBytes, 60 * received);
  const watched = own.counters()!;
  t.equal(watched.rxPackets + watched.dropFull + watched.dropBusy, 2 * count, 'also where nobody reads');
  t.equal(watched.rxPackets, 1023);
});

t.test('ports of other processes come and go while one sends', async (t) => {
  const own = lib.open('vale0:own', { device: 'engine' });
  t.teardown(() => own.close());
  const [ring] = own.txRings;
  for (let round = 0; round < 4; round++) {
    const [peer] = await members([`r${round % 2}`]);
    send(ring, frame(round));
    t.strictSame(await heard(peer), [round]);
    if (round % 2) await peer.kill();
    else await peer.end();
    send(ring, frame(100));
  }
  t.strictSame(take(own.rxRings[0]), []);
});
