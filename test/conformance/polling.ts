import { lib } from '../support/library';
import { frame, queue, send, tags, take } from '../support/frames';
import { poll, state } from '../support/raw-ring';
import type { Topic } from './scenario';

const { IN, OUT } = lib.POLL;
const RDNORM = 0x40;
const WRNORM = 0x100;

export const polling: Topic = {
  title: 'poll',
  rules: {
    'a fresh port has room and nothing to read': (t, lab) => {
      const { port } = lab.rings('a');
      t.strictSame(
        [IN | OUT, IN, OUT, 0].map((events) => poll(port, events)),
        [OUT, 0, OUT, 0],
      );
    },

    'POLLIN looks for frames by itself': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      send(a.tx, frame(1));
      t.equal(poll(b.port, IN), IN);
      t.equal(state(b.rx), '0/0/1');
      t.equal(poll(b.port, IN | OUT), IN | OUT);
      t.equal(poll(b.port, RDNORM), RDNORM);
      t.equal(poll(b.port, WRNORM), WRNORM);
      t.equal(poll(b.port, 2), 0, 'POLLPRI');
      t.equal(poll(b.port, 0x7fff), IN | OUT | RDNORM | WRNORM);
    },

    'POLLIN gives released slots back': (t, lab) => {
      const { a, b } = lab.pipe({ txSlots: 8, rxSlots: 8 });
      send(a.tx, ...Array.from({ length: 7 }, (_, i) => frame(i)));
      b.port.rxSync();
      b.rx.advance(7);
      t.equal(poll(b.port, IN), 0);
      t.equal(poll(a.port, OUT), OUT);
    },

    'POLLOUT sends by itself': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      queue(a.tx, ...Array.from({ length: 15 }, (_, i) => frame(i)));
      t.equal(a.tx.available, 0);
      t.equal(poll(a.port, OUT), OUT);
      t.equal(state(a.tx), '15/15/14');
      t.equal(take(b.rx).length, 15);
    },

    'POLLIN alone sends what is pending': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      queue(a.tx, frame(1));
      t.equal(poll(a.port, IN), 0);
      t.strictSame(take(b.rx), [1]);
    },

    'unless the port was opened with noTxPoll': (t, lab) => {
      const a = lab.rings('a', { noTxPoll: true });
      const b = lab.rings('b');
      queue(a.tx, frame(1));
      t.equal(poll(a.port, IN), 0);
      t.strictSame(take(b.rx), []);
      t.equal(poll(a.port, OUT), OUT);
      t.strictSame(take(b.rx), [1], 'asked for POLLOUT it does');
    },

    'POLLOUT alone does not look for frames': (t, lab) => {
      for (const doRxPoll of [false, true]) {
        const a = lab.rings('a');
        const b = lab.rings('b', { doRxPoll });
        send(a.tx, frame(1));
        t.equal(poll(b.port, OUT), OUT);
        t.equal(state(b.rx), '0/0/0', `doRxPoll ${doRxPoll}`);
        a.port.close();
        b.port.close();
      }
    },

    'with one direction bound the other is never ready': (t, lab) => {
      t.strictSame(
        [IN, OUT].map((events) => poll(lab.port('a', { txOnly: true }), events)),
        [0, OUT],
      );
      t.strictSame(
        [IN, OUT].map((events) => poll(lab.port('b', { rxOnly: true }), events)),
        [0, 0],
      );
    },

    'any ring will do': (t, lab) => {
      const a = lab.end('{', { txRings: 3, rxRings: 3, txSlots: 4, rxSlots: 4 }).port;
      const b = lab.end('}').port;
      send(b.txRings[2], frame(1));
      t.equal(poll(a, IN), IN);
      t.strictSame(
        a.rxRings.map((ring) => tags(ring)),
        [[], [], [1]],
      );
      for (const ring of a.txRings.slice(0, 2)) send(ring, frame(1), frame(2), frame(3));
      t.equal(poll(a, OUT), OUT, 'ring 2 has room');
      send(a.txRings[2], frame(1), frame(2), frame(3));
      t.equal(poll(a, OUT), 0);
    },

    'waiting ends when a frame comes': async (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      setTimeout(() => send(a.tx, frame(1)), 30);
      t.equal(await b.port.readable({ timeout: 10_000 }), true);
      t.strictSame(take(b.rx), [1]);
    },

    'waiting ends when there is room': async (t, lab) => {
      const { a, b } = lab.pipe({ txSlots: 4, rxSlots: 4 });
      send(a.tx, frame(1), frame(2), frame(3));
      t.equal(await a.port.writable({ timeout: 20 }), false);
      setTimeout(() => {
        take(b.rx);
        b.port.rxSync();
      }, 30);
      t.equal(await a.port.writable({ timeout: 10_000 }), true);
      t.equal(a.tx.available, 3);
    },

    'waiting ends when time is over': (t, lab) => {
      const { port } = lab.rings('a');
      const start = performance.now();
      t.equal(poll(port, IN, 50), 0);
      t.ok(performance.now() - start >= 45);
    },

    'waiting sends what is pending, though it asks to read only': async (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      queue(a.tx, frame(1));
      t.equal(await a.port.readable({ timeout: 20 }), false);
      t.strictSame(take(b.rx), [1]);
    },
  },
};
