import { lib } from '../support/library';
import { BROADCAST, frame, mac, queue, send, take } from '../support/frames';
import { flags, setSlot, slot } from '../support/raw-ring';
import type { Topic } from './scenario';

const { NS } = lib;

export const slotFlags: Topic = {
  title: 'slot flags',
  rules: {
    'VALE tx: a sync clears NS_BUF_CHANGED and leaves all others': (t, lab) => {
      const a = lab.rings('a');
      lab.rings('b');
      queue(a.tx, frame(1), frame(2), frame(3));
      setSlot(a.tx, 0, { flags: NS.BUF_CHANGED | NS.REPORT });
      setSlot(a.tx, 1, { flags: 0x1200 | NS.FORWARD | NS.NO_LEARN | NS.TXMON });
      setSlot(a.tx, 2, { flags: NS.MOREFRAG, pointer: 77n });
      const before = slot(a.tx, 2);
      a.port.txSync();
      t.strictSame(flags(a.tx, 0, 3), [NS.REPORT, 0x124c, NS.MOREFRAG]);
      t.strictSame(slot(a.tx, 2), before);
    },

    'VALE rx: slots keep their buffers and tell nothing of the flags of the sender': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const own = slot(b.rx, 0).index;
      queue(a.tx, frame(1, BROADCAST, mac(1), 77));
      setSlot(a.tx, 0, { flags: 0x9200 | NS.REPORT | NS.FORWARD | NS.TXMON, pointer: 5n });
      a.port.txSync();
      b.port.rxSync();
      t.strictSame(slot(b.rx, 0), { index: own, length: 77, flags: 0x100, pointer: 0n });
    },

    'VALE rx: releasing a slot clears its NS_BUF_CHANGED only': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      send(a.tx, frame(1), frame(2));
      b.port.rxSync();
      setSlot(b.rx, 0, { flags: 0x100 | NS.BUF_CHANGED | NS.REPORT });
      setSlot(b.rx, 1, { flags: 0x100 | NS.BUF_CHANGED, length: 9999 });
      b.rx.advance(1);
      b.port.rxSync();
      t.strictSame(flags(b.rx, 0, 2), [0x100 | NS.REPORT, 0x100 | NS.BUF_CHANGED], 'the second was not released');
      b.rx.advance(1);
      b.port.rxSync();
      t.match(slot(b.rx, 1), { flags: 0x100, length: 9999 });
    },

    'null: flags are not looked at': (t, lab) => {
      const { port, tx } = lab.null();
      queue(tx, frame(1));
      setSlot(tx, 0, { flags: NS.BUF_CHANGED | NS.REPORT });
      port.txSync();
      t.equal(slot(tx, 0).flags, NS.BUF_CHANGED | NS.REPORT);
    },

    'pipe: all flags travel, and only the NS_BUF_CHANGED of the sender is cleared': (t, lab) => {
      const { a, b } = lab.pipe();
      queue(a.tx, frame(1), frame(2));
      setSlot(a.tx, 0, { flags: NS.BUF_CHANGED | NS.REPORT });
      setSlot(a.tx, 1, { flags: 0xff4c, pointer: 0x1234n });
      a.port.txSync();
      b.port.rxSync();
      t.strictSame(flags(b.rx, 0, 2), [NS.BUF_CHANGED | NS.REPORT, 0xff4c]);
      t.equal(slot(b.rx, 1).pointer, 0x1234n);
      t.strictSame(flags(a.tx, 0, 2), [NS.REPORT, 0xff4c]);
    },

    'pipe: the sender gets its slots back as the receiver left them': (t, lab) => {
      const { a, b } = lab.pipe({ txSlots: 8, rxSlots: 8 });
      const spare = slot(b.tx, 0).index;
      send(a.tx, frame(1), frame(2));
      b.port.rxSync();
      const used = slot(b.rx, 0).index;
      setSlot(b.rx, 0, { index: spare, length: 5, flags: NS.BUF_CHANGED });
      setSlot(b.rx, 1, { flags: NS.REPORT });
      b.rx.advance(2);
      b.port.rxSync();
      t.match(slot(a.tx, 0), { index: spare, length: 5, flags: NS.BUF_CHANGED });
      t.match(slot(a.tx, 1), { flags: NS.REPORT });
      t.match(slot(b.rx, 0), { index: spare, flags: 0 });
      setSlot(b.tx, 0, { index: used });
    },

    'NS_NO_LEARN and the destination bits are ignored': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const c = lab.rings('c');
      queue(a.tx, frame(1, BROADCAST, mac(1)));
      setSlot(a.tx, 0, { flags: NS.NO_LEARN | 0x0200 });
      a.port.txSync();
      take(b.rx);
      t.strictSame(take(c.rx), [1], 'flooded in spite of a destination');
      send(b.tx, frame(2, mac(1), mac(2)));
      t.strictSame(take(a.rx), [2], 'learned');
      t.strictSame(take(c.rx), []);
    },
  },
};
