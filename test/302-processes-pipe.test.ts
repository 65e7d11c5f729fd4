/** A pipe between two processes loses nothing and changes nothing. */
import './support/engine-folder';
import t from 'tap';
import { frame } from './support/frames';
import { lib } from './support/library';
import { Peer, type PeerContext } from './support/peer';

const COUNT = 150_000;

for (const slots of [8, 37, 1024]) {
  t.test(`rings of ${slots} slots`, async (t) => {
    const count = slots < 64 ? COUNT / 10 : COUNT;
    const peer = await Peer.start();
    t.teardown(() => peer.end());
    await peer.run(({ lib, ports }: PeerContext, slots: number) => {
      ports.p = lib.open('netmap:p}1', { device: 'engine', txSlots: slots, rxSlots: slots });
    }, slots);
    const checking = peer.run(async ({ frames, ports }: PeerContext, count: number) => {
      const { p } = ports;
      const [ring] = p.rxRings;
      let next = 0;
      while (next < count && (await p.readable({ timeout: 20_000 }))) {
        let i = ring.head;
        const n = ring.available;
        for (let k = 0; k < n; k++, i = ring.next(i), next++) {
          const length = 60 + (next % 77);
          if (ring.length(i) !== length) return `frame ${next}: ${ring.length(i)} bytes`;
          const tag = frames.tagOf(ring.buffer(i).subarray(0, length));
          if (tag !== next) return `frame ${next} came as ${tag}`;
        }
        ring.advance(n);
        p.rxSync();
      }
      return next;
    }, count);
    const port = lib.open('netmap:p{1', { device: 'engine', txSlots: slots, rxSlots: slots });
    t.teardown(() => port.close());
    const [ring] = port.txRings;
    let stuck = false;
    for (let tag = 0; tag < count && !stuck;) {
      stuck = !(await port.writable({ timeout: 20_000 }));
      const n = Math.min(ring.available, count - tag);
      let i = ring.head;
      for (let k = 0; k < n; k++, tag++, i = ring.next(i)) {
        const bytes = frame(tag, undefined, undefined, 60 + (tag % 77));
        ring.buffer(i).set(bytes);
        ring.setLength(i, bytes.length);
      }
      ring.advance(n);
      port.txSync();
    }
    t.equal(await checking, count);
    t.match(port.counters(), { txPackets: count, dropFull: 0, dropBusy: 0, dropBad: 0 });
  });
}
