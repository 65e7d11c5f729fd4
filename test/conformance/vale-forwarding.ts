import { BROADCAST, MULTICAST, frame, mac, queue, send, take } from '../support/frames';
import { state } from '../support/raw-ring';
import type { Topic } from './scenario';

export const valeForwarding: Topic = {
  title: 'VALE: learning and forwarding',
  rules: {
    'broadcast, multicast and unknown go to all others': (t, lab) => {
      const [a, b, c] = ['a', 'b', 'c'].map((name) => lab.rings(name));
      send(a.tx, frame(1), frame(2, MULTICAST), frame(3, mac(99)));
      t.strictSame(take(b.rx), [1, 2, 3]);
      t.strictSame(take(c.rx), [1, 2, 3]);
      t.strictSame(take(a.rx), []);
    },

    'a learned address gets its frames alone': (t, lab) => {
      const [a, b, c] = ['a', 'b', 'c'].map((name) => lab.rings(name));
      send(a.tx, frame(1, BROADCAST, mac(1)));
      send(b.tx, frame(2, mac(1), mac(2)));
      t.strictSame(take(a.rx), [2]);
      t.strictSame(take(c.rx), [1], 'only the broadcast');
      send(a.tx, frame(3, mac(2), mac(1)));
      t.strictSame(take(b.rx), [1, 3]);
      t.strictSame(take(c.rx), []);
    },

    'floods go to ring 0, known unicast to ring (source ring mod destination rings)': (t, lab) => {
      const a = lab.port('a', { txRings: 4, rxRings: 4 });
      const b = lab.port('b', { txRings: 1, rxRings: 2 });
      send(b.txRings[0], frame(0, BROADCAST, mac(2)));
      a.rxSync();
      for (let ring = 0; ring < 4; ring++) send(a.txRings[ring], frame(10 + ring, mac(2), mac(1)));
      for (let ring = 0; ring < 4; ring++) send(a.txRings[ring], frame(20 + ring, BROADCAST, mac(1)));
      t.strictSame(take(b.rxRings[0]), [10, 12, 20, 21, 22, 23]);
      t.strictSame(take(b.rxRings[1]), [11, 13]);
    },

    'floods and unicast in one batch': (t, lab) => {
      const a = lab.port('a', { txRings: 2, rxRings: 2 });
      const b = lab.port('b', { txRings: 2, rxRings: 2 });
      send(b.txRings[0], frame(0, BROADCAST, mac(2)));
      send(a.txRings[1], frame(1), frame(2, mac(2)), frame(3), frame(4, mac(2)));
      t.strictSame(take(b.rxRings[0]), [1, 3]);
      t.strictSame(take(b.rxRings[1]), lab.by('flood-duplicates', { kernel: [1, 2, 3, 4], engine: [2, 4] }));
    },

    'a frame to an address of the own port is dropped': (t, lab) => {
      const [a, b] = ['a', 'b'].map((name) => lab.rings(name));
      send(a.tx, frame(1, BROADCAST, mac(1)));
      send(a.tx, frame(2, mac(1), mac(3)), frame(3));
      t.strictSame(take(b.rx), [1, 3]);
      t.strictSame(take(a.rx), []);
    },

    'the address of a port that has closed leads nowhere, until a port comes in its place': (t, lab) => {
      const [a, b, c] = ['a', 'b', 'c'].map((name) => lab.rings(name));
      send(b.tx, frame(1, BROADCAST, mac(2)));
      b.port.close();
      take(c.rx);
      send(a.tx, frame(2, mac(2)), frame(3));
      t.strictSame(take(c.rx), [3]);
      const d = lab.rings('d');
      send(a.tx, frame(4, mac(2)));
      t.strictSame(take(d.rx), [4]);
      t.strictSame(take(c.rx), []);
    },

    'an address moves with the port that it speaks from': (t, lab) => {
      const [a, b, c] = ['a', 'b', 'c'].map((name) => lab.rings(name));
      const whoGets = (tag: number) => {
        for (const { rx } of [b, c]) take(rx);
        send(a.tx, frame(tag, mac(7), mac(1)));
        return [b, c].map(({ rx }) => take(rx));
      };
      send(b.tx, frame(1, BROADCAST, mac(7)));
      t.strictSame(whoGets(2), [[2], []]);
      send(c.tx, frame(3, BROADCAST, mac(7)));
      t.strictSame(whoGets(4), [[], [4]]);
      send(b.tx, frame(5, BROADCAST, mac(7)));
      t.strictSame(
        whoGets(6),
        lab.by<number[][]>('relearning', { kernel: [[], [6]], engine: [[6], []] }),
        'back, with no other source in between',
      );
      send(b.tx, frame(7, BROADCAST, mac(8)));
      send(b.tx, frame(8, BROADCAST, mac(7)));
      t.strictSame(whoGets(9), [[9], []], 'back, with another source in between');
    },

    'a multicast source is not learned': (t, lab) => {
      const [a, b, c] = ['a', 'b', 'c'].map((name) => lab.rings(name));
      send(a.tx, frame(1, BROADCAST, MULTICAST));
      take(b.rx);
      take(c.rx);
      send(b.tx, frame(2, MULTICAST, mac(2)));
      t.strictSame(take(a.rx), [2]);
      t.strictSame(take(c.rx), [2]);
    },

    'the address of zeros': (t, lab) => {
      const [a, b, c] = ['a', 'b', 'c'].map((name) => lab.rings(name));
      const zeros = [0, 0, 0, 0, 0, 0];
      send(b.tx, frame(1, zeros, mac(2)));
      t.strictSame(take(a.rx), [1]);
      t.strictSame(take(c.rx), lab.by<number[]>('zero-address', { kernel: [], engine: [1] }));
      send(c.tx, frame(2, BROADCAST, zeros));
      take(a.rx);
      take(b.rx);
      send(b.tx, frame(3, zeros, mac(2)));
      t.strictSame(take(a.rx), [], 'learned like any other');
      t.strictSame(take(c.rx), [3]);
    },

    'what is learned goes with the last port': (t, lab) => {
      let [a, b] = ['a', 'b'].map((name) => lab.rings(name));
      send(b.tx, frame(1, BROADCAST, mac(2)));
      a.port.close();
      b.port.close();
      b = lab.rings('b');
      a = lab.rings('a');
      const c = lab.rings('c');
      send(a.tx, frame(2, mac(2)));
      t.strictSame(take(c.rx), [2], 'unknown again');
    },

    'switches know nothing of each other': (t, lab) => {
      const a = lab.rings('a');
      const other = lab.open(`${lab.vale}x:a`);
      const b = lab.open(`${lab.vale}x:b`);
      send(a.tx, frame(1));
      send(other.txRings[0], frame(2));
      t.strictSame(take(b.rxRings[0]), [2]);
    },

    'a ring that nobody has bound gets nothing': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.port('b', { mode: 'ring', ring: 1, txRings: 2, rxRings: 2 });
      send(a.tx, frame(1));
      t.equal(state(a.tx), '1/1/0');
      t.strictSame(take(b.rxRings[0]), []);
    },

    'a port alone sends into the void': (t, lab) => {
      const a = lab.rings('a');
      queue(a.tx, ...Array.from({ length: 15 }, (_, i) => frame(i)));
      a.port.txSync();
      t.equal(state(a.tx), '15/15/14');
    },

    'frames queued at close are lost': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      queue(a.tx, frame(1));
      a.port.close();
      t.strictSame(take(b.rx), []);
    },
  },
};
