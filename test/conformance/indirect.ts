import { lib } from '../support/library';
import { BROADCAST, frame, mac, queue, take } from '../support/frames';
import { flags, lengths, setSlot, slot } from '../support/raw-ring';
import type { Topic } from './scenario';

const { INDIRECT, MOREFRAG } = lib.NS;

export const indirect: Topic = {
  title: 'NS_INDIRECT',
  rules: {
    'the payload is taken from the memory of the user': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const memory = frame(42, BROADCAST, mac(1), 300);
      const address = a.port.indirect(memory);
      setSlot(a.tx, 0, { flags: INDIRECT, length: 300, pointer: address });
      a.tx.advance(1);
      a.port.txSync();
      b.port.rxSync();
      t.match(slot(b.rx, 0), { length: 300, flags: 0x100, pointer: 0n });
      t.strictSame(take(b.rx), [42]);
      t.match(slot(a.tx, 0), { length: 300, flags: INDIRECT, pointer: address }, 'the slot stays as it is');
    },

    'addresses need no alignment': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const memory = new Uint8Array(4096);
      const address = a.port.indirect(memory);
      for (const at of [1, 2, 3, 34, 65]) {
        memory.set(frame(at, BROADCAST, mac(1), 93), at);
        const i = a.tx.head;
        setSlot(a.tx, i, { flags: INDIRECT, length: 93, pointer: address + BigInt(at) });
        a.tx.advance(1);
        a.port.txSync();
        t.strictSame(take(b.rx), [at]);
        b.port.rxSync();
      }
    },

    'bad addresses and lengths drop the frame': (t, lab) => {
      const a = lab.rings('a', { txSlots: 32, rxSlots: 32 });
      const b = lab.rings('b');
      const address = a.port.indirect(new Uint8Array(8192));
      const bad = [
        { pointer: 0n, length: 60 },
        { pointer: 0x1000n, length: 60 },
        { pointer: address, length: lab.bufSize + 1 },
      ];
      for (const fields of bad) {
        const i = a.tx.head;
        queue(a.tx, frame(1), frame(2));
        setSlot(a.tx, i, { flags: INDIRECT, ...fields });
        t.doesNotThrow(() => a.port.txSync());
        setSlot(a.tx, i, { flags: 0, pointer: 0n });
        t.strictSame(take(b.rx), [2], `${fields.pointer}, ${fields.length} bytes`);
        b.port.rxSync();
      }
    },

    'fragments may be indirect': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const address = a.port.indirect(frame(5, BROADCAST, mac(1), 200));
      queue(a.tx, frame(4));
      setSlot(a.tx, 0, { flags: MOREFRAG });
      setSlot(a.tx, 1, { flags: INDIRECT, length: 200, pointer: address });
      a.tx.advance(1);
      a.port.txSync();
      b.port.rxSync();
      t.strictSame(flags(b.rx, 0, 2), [0x220, 0x200]);
      t.strictSame(lengths(b.rx, 0, 2), [60, 200]);
      t.strictSame(take(b.rx), [4, 5]);
      t.strictSame(flags(a.tx, 0, 2), [MOREFRAG, INDIRECT]);
    },

    'a later fragment at a bad address': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      queue(a.tx, frame(4), frame(5), frame(6));
      setSlot(a.tx, 0, { flags: MOREFRAG });
      setSlot(a.tx, 1, { flags: INDIRECT, length: 200, pointer: 0x1000n });
      a.port.txSync();
      b.port.rxSync();
      const got = lengths(b.rx, 0, b.rx.available);
      t.strictSame(got, lab.by('bad-fragment', { kernel: [60, 0, 60], engine: [60] }));
    },
  },
};
