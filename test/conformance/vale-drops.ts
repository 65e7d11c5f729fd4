import { BROADCAST, frame, mac, queue, send, take } from '../support/frames';
import { setSlot, state } from '../support/raw-ring';
import type { Topic } from './scenario';
import { lib } from '../support/library';

export const valeDrops: Topic = {
  title: 'VALE: drops',
  rules: {
    'what does not fit is dropped, for that receiver only': (t, lab) => {
      const a = lab.rings('a', { txSlots: 32 });
      const b = lab.rings('b');
      const c = lab.rings('c', { rxSlots: 32 });
      send(a.tx, ...Array.from({ length: 20 }, (_, i) => frame(i)));
      t.equal(state(a.tx), '20/20/19', 'the sender is not held up');
      t.strictSame(take(b.rx), [...Array(15).keys()]);
      t.strictSame(take(c.rx), [...Array(20).keys()]);
    },

    'the sender never blocks': (t, lab) => {
      const a = lab.rings('a');
      lab.rings('b');
      for (let round = 0; round < 10; round++) {
        send(a.tx, ...Array.from({ length: 15 }, (_, i) => frame(i)));
        t.equal(a.tx.available, 15);
      }
    },

    'room is what a sync of the receiver has released': (t, lab) => {
      const a = lab.rings('a', { txSlots: 32 });
      const b = lab.rings('b');
      send(a.tx, ...Array.from({ length: 15 }, (_, i) => frame(i)));
      b.port.rxSync();
      b.rx.advance(6);
      send(a.tx, frame(100));
      b.port.rxSync();
      t.equal(b.rx.available, 9, 'released too late');
      send(a.tx, ...Array.from({ length: 8 }, (_, i) => frame(200 + i)));
      t.strictSame(take(b.rx), [6, 7, 8, 9, 10, 11, 12, 13, 14, 200, 201, 202, 203, 204, 205]);
    },

    'a frame that does not fit takes all behind it along': (t, lab) => {
      const a = lab.rings('a', { txSlots: 64 });
      const b = lab.rings('b');
      for (let i = 0; i < 19; i++) {
        queue(a.tx, frame(i));
        if (i >= 13 && i < 16) setSlot(a.tx, i, { flags: lib.NS.MOREFRAG });
      }
      a.port.txSync();
      t.strictSame(take(b.rx), [...Array(13).keys()], 'though two slots are free');
      send(a.tx, frame(50), frame(51));
      t.strictSame(take(b.rx), [50, 51]);
    },

    'drops are counted': (t, lab) => {
      const a = lab.rings('a', { txSlots: 64 });
      const b = lab.rings('b');
      send(b.tx, frame(0, BROADCAST, mac(2)));
      send(a.tx, ...Array.from({ length: 40 }, (_, i) => frame(i)));
      send(a.tx, frame(1, BROADCAST, mac(1), 13), frame(2, mac(1)));
      t.strictSame(take(b.rx), [...Array(15).keys()]);
      const counted = (port: typeof a.port) => {
        const counters = port.counters();
        return counters && { ...counters };
      };
      t.match(
        { a: counted(a.port), b: counted(b.port) },
        lab.by<object>('counters', {
          kernel: { a: null, b: null },
          engine: {
            a: { txPackets: 42, dropBad: 1, dropUnroutable: 1, rxPackets: 1, dropFull: 0 },
            b: { rxPackets: 15, rxBytes: 900, dropFull: 25, txPackets: 1, txBytes: 60 },
          },
        }),
      );
    },
  },
};
