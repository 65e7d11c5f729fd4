import { lib } from '../support/library';
import { frame, send, tags } from '../support/frames';
import { poke, poll, setSlot, slot, state } from '../support/raw-ring';
import type { Lab } from './lab';
import type { Topic } from './scenario';

const { IN, OUT, ERR } = lib.POLL;

/** Two ports with rings of 8 slots, the first one with three frames written into its slots. */
function pair(lab: Lab, kind: 'vale' | 'pipe') {
  const options = { txSlots: 8, rxSlots: 8 };
  const { a, b } = kind === 'pipe' ? lab.pipe(options) : { a: lab.rings('a', options), b: lab.rings('b', options) };
  for (let i = 0; i < 3; i++) {
    a.tx.buffer(i).set(frame(i));
    setSlot(a.tx, i, { length: 60 });
  }
  return { a, b };
}

function received(lab: Lab, kind: 'vale' | 'pipe') {
  const { a, b } = pair(lab, kind);
  send(a.tx, frame(1), frame(2));
  b.port.rxSync();
  return { a, b };
}

export const invalidIndices: Topic = {
  title: 'invalid head and cur',
  rules: {
    'tx: beyond the ring, they are reset and nothing is sent': (t, lab) => {
      for (const kind of ['vale', 'pipe'] as const) {
        const { a, b } = pair(lab, kind);
        for (const fields of [{ head: 8, cur: 8 }, { head: 8 }, { cur: 8 }, { head: 0xffffffff }]) {
          poke(a.tx, fields);
          t.doesNotThrow(() => a.port.txSync());
          t.equal(state(a.tx), '0/0/7', `${kind} ${JSON.stringify(fields)}`);
        }
        b.port.rxSync();
        t.equal(b.rx.available, 0);
        a.port.close();
        b.port.close();
      }
    },

    'tx: cur behind head is kept and blocks the ring until it is put right': (t, lab) => {
      for (const kind of ['vale', 'pipe'] as const) {
        const { a, b } = pair(lab, kind);
        poke(a.tx, { head: 3, cur: 2 });
        t.doesNotThrow(() => a.port.txSync());
        t.equal(state(a.tx), '3/2/7', kind);
        b.port.rxSync();
        t.equal(b.rx.available, 0);
        for (let i = 0; i < 3; i++) t.equal(poll(a.port, OUT), OUT | ERR);
        poke(a.tx, { cur: 3 });
        t.equal(poll(a.port, OUT), OUT);
        t.equal(state(a.tx), kind === 'vale' ? '3/3/2' : '3/3/7');
        b.port.rxSync();
        t.strictSame(tags(b.rx), [0, 1, 2]);
        a.port.close();
        b.port.close();
      }
    },

    'tx: head beyond tail is adopted at the second sync': (t, lab) => {
      const { a, b } = lab.pipe({ txSlots: 8, rxSlots: 8 });
      send(a.tx, ...Array.from({ length: 5 }, (_, i) => frame(i)));
      b.port.rxSync();
      poke(a.tx, { head: 0, cur: 0 });
      t.equal(poll(a.port, OUT) & ERR, ERR);
      t.equal(state(a.tx), '0/0/7');
    },

    'rx: beyond the ring, they are reset': (t, lab) => {
      for (const kind of ['vale', 'pipe'] as const) {
        const { a, b } = received(lab, kind);
        for (const fields of [{ head: 8, cur: 8 }, { head: 8 }, { cur: 8 }, { head: 0xffffffff }]) {
          poke(b.rx, fields);
          t.doesNotThrow(() => b.port.rxSync());
          t.equal(state(b.rx), '0/0/2', `${kind} ${JSON.stringify(fields)}`);
        }
        a.port.txSync();
        t.equal(state(a.tx), kind === 'vale' ? '2/2/1' : '2/2/7');
        a.port.close();
        b.port.close();
      }
    },

    'rx: head beyond tail is adopted, and the sync goes on from there': (t, lab) => {
      const { a, b } = received(lab, 'vale');
      poke(b.rx, { head: 3, cur: 3 });
      t.equal(poll(b.port, IN), IN | ERR);
      t.equal(state(b.rx), '3/3/2');
      t.equal(poll(b.port, IN), IN, 'the error shows once');
      send(a.tx, frame(3));
      b.port.rxSync();
      t.equal(state(b.rx), '3/3/2', 'the ring counts as full now');
    },

    'rx: head beyond tail hands the sender of a pipe too much back': (t, lab) => {
      const { a, b } = received(lab, 'pipe');
      poke(b.rx, { head: 3, cur: 3 });
      b.port.rxSync();
      t.equal(state(b.rx), '3/3/2');
      a.port.txSync();
      t.equal(state(a.tx), '2/2/2');
    },

    'rx: cur behind head is kept, and poll says so each time until it is put right': (t, lab) => {
      for (const kind of ['vale', 'pipe'] as const) {
        const { a, b } = received(lab, kind);
        poke(b.rx, { head: 2, cur: 1 });
        t.doesNotThrow(() => b.port.rxSync());
        t.equal(state(b.rx), '2/1/2', kind);
        for (let i = 0; i < 3; i++) t.equal(poll(b.port, IN), IN | ERR);
        if (kind === 'pipe') {
          a.port.txSync();
          t.equal(state(a.tx), '2/2/1');
        }
        poke(b.rx, { cur: 2 });
        t.equal(poll(b.port, IN), 0);
        a.port.close();
        b.port.close();
      }
    },

    'rx: cur beyond tail is kept, and frames move tail': (t, lab) => {
      const { a, b } = received(lab, 'vale');
      poke(b.rx, { head: 1, cur: 3 });
      b.port.rxSync();
      t.equal(state(b.rx), '1/3/2');
      send(a.tx, frame(3));
      b.port.rxSync();
      t.equal(state(b.rx), '1/3/3');
    },

    'a reset empties slots that point nowhere or are too long': (t, lab) => {
      const { a } = pair(lab, 'vale');
      const kept = [2, 4, 5].map((i) => slot(a.tx, i).index);
      setSlot(a.tx, 2, { index: 1, length: 100 });
      setSlot(a.tx, 3, { length: 60000 });
      setSlot(a.tx, 4, { index: 0x7fffffff, length: 100 });
      setSlot(a.tx, 5, { index: 0, length: 100 });
      poke(a.tx, { head: 8 });
      a.port.txSync();
      t.match(slot(a.tx, 2), { index: 0, length: 0 });
      t.match(slot(a.tx, 3), { length: 0 });
      t.ok(slot(a.tx, 3).index >= 2);
      t.match(slot(a.tx, 4), { index: 0, length: 0 });
      t.match(slot(a.tx, 5), { index: 0, length: 0 });
      t.match(slot(a.tx, 1), { length: 60 });
      [2, 4, 5].forEach((i, k) => setSlot(a.tx, i, { index: kept[k] }));
    },
  },
};
