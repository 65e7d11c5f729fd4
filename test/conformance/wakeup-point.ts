import { lib } from '../support/library';
import { frame, queue, send, tags } from '../support/frames';
import { poll, state } from '../support/raw-ring';
import type { Topic } from './scenario';

const { IN, OUT } = lib.POLL;

export const wakeupPoint: Topic = {
  title: 'cur is the wake-up point',
  rules: {
    'rx: with cur at tail, packets that are there do not wake; the next one does': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      send(a.tx, frame(1), frame(2));
      t.equal(poll(b.port, IN), IN);
      b.rx.setCur(b.rx.tail);
      t.equal(poll(b.port, IN), 0);
      t.equal(state(b.rx), '0/2/2');
      send(a.tx, frame(3));
      t.equal(poll(b.port, IN), IN);
      t.equal(state(b.rx), '0/2/3');
      t.strictSame(tags(b.rx), [1, 2, 3]);
    },

    'tx: with cur at tail, room that is there does not wake; more room does': (t, lab) => {
      const { a, b } = lab.pipe({ txSlots: 8, rxSlots: 8 });
      send(a.tx, frame(1), frame(2), frame(3));
      a.tx.setCur(a.tx.tail);
      t.equal(poll(a.port, OUT), 0);
      b.port.rxSync();
      b.rx.advance(1);
      b.port.rxSync();
      t.equal(poll(a.port, OUT), OUT);
    },

    'what is sent is what head says': (t, lab) => {
      const a = lab.rings('a', { txSlots: 8 });
      const b = lab.rings('b');
      queue(a.tx, frame(1), frame(2));
      a.tx.setCur(4);
      a.port.txSync();
      t.equal(state(a.tx), '2/4/1');
      b.port.rxSync();
      t.strictSame(tags(b.rx), [1, 2]);
    },

    'what is released is what head says': (t, lab) => {
      const { a, b } = lab.pipe({ txSlots: 8, rxSlots: 8 });
      send(a.tx, ...Array.from({ length: 7 }, (_, i) => frame(i)));
      b.port.rxSync();
      b.rx.advance(1);
      b.rx.setCur(5);
      b.port.rxSync();
      t.equal(state(b.rx), '1/5/7');
      a.port.txSync();
      t.equal(a.tx.available, 1);
    },

    'cur may stay at tail while slots are released one by one': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      send(a.tx, frame(1), frame(2), frame(3));
      b.port.rxSync();
      b.rx.setCur(3);
      for (let head = 1; head <= 3; head++) {
        b.rx.setHead(head);
        b.port.rxSync();
        t.equal(state(b.rx), `${head}/3/3`);
      }
    },
  },
};
