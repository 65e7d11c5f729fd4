import { lib } from '../support/library';
import { frame, send, tagOf, take } from '../support/frames';
import { setSlot, slot } from '../support/raw-ring';
import type { Topic } from './scenario';

const { BUF_CHANGED } = lib.NS;

export const bufferSwaps: Topic = {
  title: 'buffers that change places',
  rules: {
    'VALE tx: what is sent is what the slot points at': (t, lab) => {
      const a = lab.rings('a', { extraBuffers: 1 });
      const b = lab.rings('b');
      const spare = a.port.extraBuffers.take();
      const own = slot(a.tx, 0).index;
      a.port.buffer(spare).set(frame(7));
      a.port.buffer(own).set(frame(8));
      a.tx.setBufferIndex(0, spare);
      a.tx.setLength(0, 60);
      t.equal(slot(a.tx, 0).flags, BUF_CHANGED);
      a.tx.advance(1);
      a.port.txSync();
      t.strictSame(take(b.rx), [7]);
      t.match(slot(a.tx, 0), { index: spare, flags: 0 });
      a.port.extraBuffers.give(own);
    },

    'VALE rx: the next frame lands in the new buffer, the old one is kept': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b', { extraBuffers: 1, rxSlots: 4 });
      const spare = b.port.extraBuffers.take();
      send(a.tx, frame(1));
      b.port.rxSync();
      const own = slot(b.rx, 0).index;
      b.rx.setBufferIndex(0, spare);
      b.rx.advance(1);
      b.port.rxSync();
      for (let tag = 2; tag <= 5; tag++) {
        send(a.tx, frame(tag));
        t.strictSame(take(b.rx), [tag]);
        b.port.rxSync();
      }
      t.equal(slot(b.rx, 0).index, spare);
      t.equal(tagOf(b.port.buffer(spare).subarray(0, 60)), 5);
      t.equal(tagOf(b.port.buffer(own).subarray(0, 60)), 1, 'kept');
      b.port.extraBuffers.give(own);
    },

    'ports of one region forward without copying': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b', { memId: undefined });
      const c = lab.open({ name: `${lab.vale}x:c` }, { memId: b.port.memId });
      const d = lab.open({ name: `${lab.vale}x:d` });
      t.equal(c.memId, b.port.memId);
      t.equal(c.canSwapWith(b.port), true);
      t.equal(a.port.canSwapWith(b.port), false);
      t.throws(() => a.tx.swap(0, b.rx, 0), { code: 'EXDEV' });
      send(a.tx, frame(1), frame(2));
      b.port.rxSync();
      const [from, to] = [b.rx, c.txRings[0]];
      const before = [slot(from, 0).index, slot(to, 0).index];
      t.equal(lib.forward(from, to), 2);
      t.strictSame([slot(to, 0).index, slot(from, 0).index], before);
      t.equal(slot(to, 0).flags & BUF_CHANGED, BUF_CHANGED);
      c.txSync();
      b.port.rxSync();
      t.strictSame(take(d.rxRings[0]), [1, 2]);
      t.equal(slot(from, 0).flags & BUF_CHANGED, 0);
    },

    'pipe: a buffer taken by the receiver is replaced in the ring of the sender': (t, lab) => {
      const { a, b } = lab.pipe({ txSlots: 4, rxSlots: 4, extraBuffers: 1 });
      const spare = b.port.extraBuffers.take();
      send(a.tx, frame(1));
      b.port.rxSync();
      const kept = slot(b.rx, 0).index;
      b.rx.setBufferIndex(0, spare);
      b.rx.advance(1);
      b.port.rxSync();
      a.port.txSync();
      t.match(slot(a.tx, 0), { index: spare, flags: BUF_CHANGED });
      for (let tag = 2; tag <= 6; tag++) {
        send(a.tx, frame(tag));
        t.strictSame(take(b.rx), [tag]);
        b.port.rxSync();
      }
      t.equal(tagOf(b.port.buffer(kept).subarray(0, 60)), 1, 'nobody wrote into it');
      b.port.extraBuffers.give(kept);
    },

    'pipe: an index needs no NS_BUF_CHANGED to travel': (t, lab) => {
      const { a, b } = lab.pipe({ extraBuffers: 1 });
      const spare = a.port.extraBuffers.take();
      const own = slot(a.tx, 0).index;
      a.port.buffer(spare).set(frame(3));
      setSlot(a.tx, 0, { index: spare, length: 60 });
      a.tx.advance(1);
      a.port.txSync();
      t.strictSame(take(b.rx), [3]);
      a.port.extraBuffers.give(own);
    },
  },
};
