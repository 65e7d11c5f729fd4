import { lib, type Ring } from '../support/library';
import { BROADCAST, frame, mac, queue, take } from '../support/frames';
import { flags, lengths, setSlot, state } from '../support/raw-ring';
import type { Lab } from './lab';
import type { Topic } from './scenario';

const { MOREFRAG } = lib.NS;

/** Fills slots from head with one fragment each; `more` says which are followed by another. */
function fragments(ring: Ring, sizes: number[], more: (i: number) => boolean): void {
  let slot = ring.head;
  sizes.forEach((length, i) => {
    ring.buffer(slot).set(frame(i, BROADCAST, mac(1), Math.min(Math.max(length, 18), ring.bufSize)));
    setSlot(ring, slot, { length, flags: more(i) ? MOREFRAG : 0 });
    slot = ring.next(slot);
  });
  ring.advance(sizes.length);
  ring.port.txSync();
}

function chain(ring: Ring, sizes: number[]): void {
  fragments(ring, sizes, (i) => i < sizes.length - 1);
}

function pair(lab: Lab, slots = 16) {
  const options = { txSlots: slots, rxSlots: slots };
  return { a: lab.rings('a', options), b: lab.rings('b', options) };
}

export const valeFragments: Topic = {
  title: 'VALE: frames over several slots',
  rules: {
    'each rx slot tells the number of slots, all but the last that more follow': (t, lab) => {
      const { a, b } = pair(lab);
      chain(a.tx, [100, 200, 50]);
      queue(a.tx, frame(9));
      a.port.txSync();
      b.port.rxSync();
      t.equal(state(b.rx), '0/0/4');
      t.strictSame(flags(b.rx, 0, 4), [0x320, 0x320, 0x300, 0x100]);
      t.strictSame(lengths(b.rx, 0, 4), [100, 200, 50, 60]);
      t.strictSame(take(b.rx), [0, 1, 2, 9]);
      t.strictSame(flags(a.tx, 0, 3), [MOREFRAG, MOREFRAG, 0], 'tx slots keep theirs');
    },

    'a chain cut off by the end of the batch is a whole frame': (t, lab) => {
      const { a, b } = pair(lab);
      fragments(a.tx, [60, 60, 60], () => true);
      queue(a.tx, frame(9));
      a.port.txSync();
      b.port.rxSync();
      t.strictSame(flags(b.rx, 0, 4), [0x320, 0x320, 0x300, 0x100]);
      t.strictSame(flags(a.tx, 0, 3), [MOREFRAG, MOREFRAG, MOREFRAG]);
    },

    'the first slot must hold the addresses': (t, lab) => {
      const { a, b } = pair(lab);
      chain(a.tx, [10, 60]);
      chain(a.tx, [14, 0]);
      b.port.rxSync();
      t.strictSame(flags(b.rx, 0, b.rx.available), [0x220, 0x200]);
      t.strictSame(lengths(b.rx, 0, 2), [14, 0]);
    },

    'a later slot that is too long': (t, lab) => {
      const { a, b } = pair(lab);
      chain(a.tx, [60, lab.bufSize + 1, 60]);
      queue(a.tx, frame(9));
      a.port.txSync();
      b.port.rxSync();
      t.strictSame(lengths(b.rx, 0, b.rx.available), lab.by('bad-fragment', { kernel: [60, 0, 60, 60], engine: [60] }));
    },

    '64 and 255 slots are one frame': (t, lab) => {
      const { a, b } = pair(lab, 512);
      for (const count of [64, 255]) {
        chain(
          a.tx,
          Array.from({ length: count }, () => 60),
        );
        b.port.rxSync();
        t.equal(b.rx.available, count);
        const got = flags(b.rx, b.rx.head, count);
        t.ok(got.slice(0, -1).every((value) => value === ((count << 8) | MOREFRAG)));
        t.equal(got[count - 1], count << 8);
        t.strictSame(take(b.rx), [...Array(count).keys()]);
        b.port.rxSync();
      }
    },

    'more than 255 slots are no frame': (t, lab) => {
      if (lab.device === 'kernel') {
        t.comment('the kernel hangs: not tried');
        return;
      }
      const { a, b } = pair(lab, 1024);
      for (const count of [256, 257, 300]) {
        chain(
          a.tx,
          Array.from({ length: count }, () => 60),
        );
        queue(a.tx, frame(count));
        a.port.txSync();
        t.strictSame(take(b.rx), [count]);
        b.port.rxSync();
      }
      t.equal(a.port.counters()!.dropBad, 3);
    },

    'one large frame through writeFrame and readFrame': (t, lab) => {
      const { a, b } = pair(lab);
      const large = frame(77, BROADCAST, mac(1), 9000);
      t.equal(a.tx.writeFrame(large), 5);
      a.tx.advance(5);
      a.port.txSync();
      b.port.rxSync();
      t.equal(b.rx.frameSlots(b.rx.head), 5);
      const into = new Uint8Array(10000);
      t.equal(b.rx.readFrame(b.rx.head, into), 9000);
      t.strictSame(Buffer.compare(into.subarray(0, 9000), large), 0);
    },

    'every receiver of a flood gets all fragments': (t, lab) => {
      const { a, b } = pair(lab);
      const c = lab.rings('c');
      chain(a.tx, [60, 61, 62]);
      for (const { port, rx } of [b, c]) {
        port.rxSync();
        t.strictSame(lengths(rx, 0, rx.available), [60, 61, 62]);
      }
    },
  },
};
