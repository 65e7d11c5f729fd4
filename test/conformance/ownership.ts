import { lib } from '../support/library';
import { frame, queue, send, tagOf, tags, take } from '../support/frames';
import { poke, poll, state } from '../support/raw-ring';
import type { Topic } from './scenario';

const { IN, OUT } = lib.POLL;

export const ownership: Topic = {
  title: 'ownership',
  rules: {
    'a ring of n slots carries n - 1': (t, lab) => {
      const { a, b } = lab.pipe();
      for (let i = 0; i < 15; i++) queue(a.tx, frame(i));
      t.equal(a.tx.available, 0);
      a.port.txSync();
      t.equal(state(a.tx), '15/15/15');
      t.equal(poll(a.port, OUT), 0);
      t.strictSame(take(b.rx), [...Array(15).keys()]);
    },

    'rx slots show only at a sync': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      send(a.tx, frame(1));
      t.equal(state(b.rx), '0/0/0');
      b.port.txSync();
      t.equal(state(b.rx), '0/0/0', 'nor at a sync of the other direction');
      b.port.rxSync();
      t.equal(state(b.rx), '0/0/1');
      send(a.tx, frame(2));
      t.equal(state(b.rx), '0/0/1');
    },

    'released rx slots count as free only after the next sync': (t, lab) => {
      const { a, b } = lab.pipe({ txSlots: 8, rxSlots: 8 });
      send(a.tx, ...Array.from({ length: 7 }, (_, i) => frame(i)));
      b.port.rxSync();
      b.rx.advance(4);
      a.port.txSync();
      t.equal(a.tx.available, 0);
      b.port.rxSync();
      t.equal(a.tx.available, 0, 'and only after a sync of the sender');
      a.port.txSync();
      t.equal(a.tx.available, 4);
    },

    'a tail that the application wrote is put right': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      for (const tail of [0, 3, 14, 4000, 0xffffffff]) {
        poke(a.tx, { tail });
        a.port.txSync();
        t.equal(state(a.tx), '0/0/15', `tx, ${tail}`);
      }
      send(a.tx, frame(1), frame(2));
      b.port.rxSync();
      for (const tail of [0, 1, 14, 4000, 0xffffffff]) {
        poke(b.rx, { tail });
        b.port.rxSync();
        t.equal(state(b.rx), '0/0/2', `rx, ${tail}`);
      }
      t.strictSame(take(b.rx), [1, 2]);
    },

    'rings of any length wrap': (t, lab) => {
      for (const n of [2, 3, 7, 8, 13, 100]) {
        const a = lab.rings('a', { txSlots: n, rxSlots: n });
        const b = lab.rings('b', { txSlots: n + 1, rxSlots: n + 1 });
        let sent = 0;
        const received: number[] = [];
        for (let round = 0; round < 3 * n; round++) {
          const count = 1 + (round % (n - 1));
          send(a.tx, ...Array.from({ length: count }, () => frame(sent++)));
          received.push(...take(b.rx));
          b.port.rxSync();
        }
        t.equal(received.length, sent, `${n} slots`);
        t.ok(
          received.every((tag, i) => tag === i),
          'in order',
        );
        a.port.close();
        b.port.close();
      }
    },

    'slots that the application keeps are not touched': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b', { rxSlots: 8 });
      send(a.tx, ...Array.from({ length: 5 }, (_, i) => frame(i)));
      b.port.rxSync();
      for (let round = 0; round < 4; round++) {
        send(a.tx, ...Array.from({ length: 5 }, (_, i) => frame(100 + i)));
        b.port.rxSync();
      }
      t.strictSame(tags(b.rx), [0, 1, 2, 3, 4, 100, 101]);
      t.equal(tagOf(b.rx.payload(0)), 0);
    },

    'a closed peer is not noticed': (t, lab) => {
      const { a, b } = lab.pipe();
      b.port.close();
      send(a.tx, frame(1));
      t.equal(poll(a.port, IN | OUT), OUT);
      const v = lab.rings('v');
      const w = lab.rings('w');
      w.port.close();
      send(v.tx, frame(1));
      t.equal(poll(v.port, IN | OUT), OUT);
    },
  },
};
