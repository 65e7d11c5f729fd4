import { BROADCAST, frame, mac, queue, take } from '../support/frames';
import { setSlot, slot, state } from '../support/raw-ring';
import type { Topic } from './scenario';

export const valeLengths: Topic = {
  title: 'VALE: lengths and buffers of frames',
  rules: {
    'frames of 14 bytes up to the buffer size are delivered, others are dropped in silence': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      for (const [length, good] of [
        [0, false],
        [13, false],
        [14, true],
        [lab.bufSize, true],
        [lab.bufSize + 1, false],
        [65535, false],
      ] as const) {
        const first = a.tx.head;
        queue(a.tx, frame(1), frame(2, BROADCAST, mac(1), Math.min(Math.max(length, 18), lab.bufSize)), frame(3));
        const middle = a.tx.next(first);
        setSlot(a.tx, middle, { length });
        const before = slot(a.tx, middle);
        a.port.txSync();
        t.equal(a.tx.available, 15, `${length}: all slots are free again`);
        t.strictSame(slot(a.tx, middle), before, 'and as they were');
        b.port.rxSync();
        const lengths = Array.from({ length: b.rx.available }, (_, k) => slot(b.rx, (b.rx.head + k) % 16).length);
        t.strictSame(lengths, good ? [60, length, 60] : [60, 60]);
        b.rx.advance(b.rx.available);
        b.port.rxSync();
      }
    },

    'contents arrive as they were, at every length': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const wanted: number[] = [];
      const got: number[] = [];
      for (const length of [18, 60, 61, 63, 64, 65, 127, 128, 129, 1000, 1023, 1024, 1025, 1500, 1514, 2047, 2048]) {
        queue(a.tx, frame(length, BROADCAST, mac(1), length));
        a.port.txSync();
        wanted.push(length);
        got.push(...take(b.rx));
        b.port.rxSync();
      }
      t.strictSame(got, wanted);
    },

    'a slot without a buffer': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const zero = a.port.u8.subarray(a.port.bufferOffset(2) - 2 * lab.bufSize).subarray(0, 60);
      zero.set(frame(77)); // nobody's buffer: it stands in for those that do not exist
      for (const index of [0, 99999999]) {
        const first = a.tx.head;
        queue(a.tx, frame(1), frame(2), frame(3));
        const middle = a.tx.next(first);
        const own = slot(a.tx, middle).index;
        setSlot(a.tx, middle, { index });
        const before = slot(a.tx, middle);
        a.port.txSync();
        t.strictSame(slot(a.tx, middle), before, 'is left as it was');
        setSlot(a.tx, middle, { index: own });
        t.equal(a.tx.available, 15);
        t.strictSame(take(b.rx), lab.by('bad-buffer-index', { kernel: [1, 77, 3], engine: [1, 3] }));
        b.port.rxSync();
      }
    },

    'an rx slot released with a bad buffer is accepted': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      queue(a.tx, frame(1), frame(2));
      a.port.txSync();
      b.port.rxSync();
      const own = slot(b.rx, 0).index;
      setSlot(b.rx, 0, { index: 0 });
      b.rx.advance(1);
      t.doesNotThrow(() => b.port.rxSync());
      t.equal(state(b.rx), '1/1/2');
      t.equal(slot(b.rx, 0).index, 0);
      setSlot(b.rx, 0, { index: own });
    },
  },
};
