import { constants } from 'node:os';
import { inside, type PortOptions, type Ring } from '../support/library';
import { setSlot } from '../support/raw-ring';
import type { Lab } from './lab';
import type { Topic } from './scenario';

const BROADCAST = Buffer.from('ffffffffffff020000000001', 'hex');

const offset = (initial: number, max = initial, bits = 0): PortOptions => ({ offset: { initial, max, bits } });

/** Mask and first pointers of a ring. */
function seen(ring: Ring) {
  const view = new DataView(ring.port.u8.buffer, ring.byteOffset);
  return {
    mask: view.getBigUint64(56, true),
    align: view.getBigUint64(64, true),
    first: ring.pointer(0),
    last: ring.pointer(ring.numSlots - 1),
  };
}

/** Fills the slot at head: a broadcast frame of `length` bytes that lies `at` bytes into its buffer, and ends with `tag`. */
function put(tx: Ring, at: number, length: number, tag: number, pointer = BigInt(at)): void {
  const slot = tx.head;
  const { u8 } = tx.port;
  const start = tx.port.bufferOffset(tx.bufferIndex(slot)) + at;
  u8.set(BROADCAST, start);
  u8.fill(tag, start + 12, start + length);
  tx.setPointer(slot, pointer);
  tx.setLength(slot, length);
  tx.setFlags(slot, 0);
  tx.advance(1);
}

/** Where the frame in a slot lies in its buffer, by its contents: [first byte, byte behind the last]; its pointer. */
function found(rx: Ring, slot: number, tag: number) {
  const bytes = rx.buffer(slot);
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(BROADCAST);
  let end = at + 12;
  while (at >= 0 && bytes[end] === tag) end++;
  return { at, length: end - at, said: rx.length(slot), pointer: Number(rx.pointer(slot)) };
}

function clear(rx: Ring): void {
  for (let i = 0; i < rx.numSlots; i++) rx.buffer(i).fill(0xdd);
}

/** How a registration ends, and the status of its option. */
function outcome(lab: Lab, initial: number, max: number, bits: number): string {
  const option = new inside.OffsetsOption(initial, max, bits);
  const { errno, native } = lab.register(`${lab.vale}:x`, { txSlots: 16, rxSlots: 16 }, [option]);
  native.close();
  return `${errno} ${option.status} ${option.max}`;
}

export const offsets: Topic = {
  title: 'offsets',
  rules: {
    'each slot of a new port begins with the initial offset': (t, lab) => {
      for (const { tx, rx } of [
        lab.rings('a', offset(64, 128, 16)),
        lab.null(offset(64, 128, 16)),
        lab.end('{', offset(64, 128, 16)),
      ]) {
        for (const ring of [tx, rx]) t.strictSame(seen(ring), { mask: 0xffffn, align: 0n, first: 64n, last: 64n });
      }
    },

    'no bits mean all 64': (t, lab) => {
      t.equal(seen(lab.rings('a', offset(lab.bufSize)).tx).mask, 2n ** 64n - 1n);
      t.equal(seen(lab.rings('b', offset(0)).tx).mask, 2n ** 64n - 1n);
      t.equal(seen(lab.rings('c').tx).mask, 0n);
    },

    'what cannot be is refused': (t, lab) => {
      const { EINVAL } = constants.errno;
      t.equal(outcome(lab, 0, lab.bufSize, 0), `0 0 ${lab.bufSize}`);
      t.equal(outcome(lab, 0, lab.bufSize + 1, 0), `${EINVAL} ${EINVAL} ${lab.bufSize + 1}`);
      t.equal(outcome(lab, 63, 63, 6), '0 0 63');
      t.equal(outcome(lab, 64, 64, 6), `${EINVAL} ${EINVAL} 64`);
      t.equal(outcome(lab, 64, 63, 0), `${EINVAL} ${EINVAL} 63`);
      t.equal(outcome(lab, 0, 0, 64), '0 0 0');
      t.equal(outcome(lab, 0, 0, 65), `${EINVAL} ${EINVAL} 0`);
      lab.port('x', offset(0, 128));
      t.equal(outcome(lab, 0, 64, 8), '0 0 128', 'what the rings take is more than was asked for');
    },

    'a port that is open: no larger offsets, no more bits, and its slots are left alone': (t, lab) => {
      const { tx } = lab.rings('a', offset(64, 128, 16));
      const name = `${lab.vale}:a`;
      t.equal(lab.errorOf(name, offset(0, 129, 16)), 'EBUSY');
      t.equal(lab.errorOf(name, offset(0, 128, 17)), 'EBUSY');
      const second = lab.port('a', offset(32, 64, 8)).txRings[0];
      t.strictSame(seen(second), seen(tx));
      t.equal(seen(tx).first, 64n);
      t.equal(seen(lab.port('a').txRings[0]).mask, 0xffffn, 'who asks for none gets what there is');
    },

    'a port that is open without offsets gets them, in slots that begin with 0': (t, lab) => {
      const { tx } = lab.rings('a');
      lab.port('a', offset(64));
      t.strictSame(seen(tx), { mask: 2n ** 64n - 1n, align: 0n, first: 0n, last: 0n });
    },

    'a port that is opened again has none': (t, lab) => {
      lab.port('keeper');
      lab.port('a', offset(64)).close();
      t.equal(seen(lab.rings('a').tx).mask, 0n);
    },

    'one ring of two': (t, lab) => {
      const half = lab.port('a', { ...offset(64, 64, 16), ring: 0, txRings: 2, rxRings: 2 });
      const both = lab.port('a');
      t.equal(seen(half.txRings[0]).mask, 0xffffn);
      t.strictSame(
        both.txRings.map((ring) => seen(ring).mask),
        [0xffffn, 0n],
      );
    },

    "frames go from the sender's offset to the receiver's": (t, lab) => {
      const a = lab.rings('a', offset(64));
      const plain = lab.rings('b');
      const far = lab.rings('c', offset(192, 256));
      for (const length of [60, 61, 1500]) {
        clear(plain.rx);
        clear(far.rx);
        put(a.tx, 64, length, 7);
        a.port.txSync();
        for (const [{ port, rx }, at] of [
          [plain, 0],
          [far, 192],
        ] as const) {
          port.rxSync();
          t.strictSame(found(rx, rx.head, 7), { at, length, said: length, pointer: at });
          rx.advance(rx.available);
          port.rxSync();
        }
      }
    },

    'offsets that are not alike modulo 64': (t, lab) => {
      const results = lab.by('odd-offsets', {
        kernel: {
          '14 to none': [78, 0],
          '14 to 64': [142, 142],
          '0 to 14': [0, 0],
          '0 to 70': [64, 64],
          '100 to 50': [36, 36],
        },
        engine: {
          '14 to none': [0, 0],
          '14 to 64': [64, 64],
          '0 to 14': [14, 14],
          '0 to 70': [70, 70],
          '100 to 50': [50, 50],
        },
      });
      for (const [pair, [at, pointer]] of Object.entries(results)) {
        const [from, to] = pair.split(' to ');
        const a = lab.rings('a', offset(Number(from), 256));
        const b = lab.rings('b', to === 'none' ? {} : offset(Number(to), 256));
        clear(b.rx);
        put(a.tx, Number(from), 60, 9);
        a.port.txSync();
        b.port.rxSync();
        t.strictSame(found(b.rx, 0, 9), { at, length: 60, said: 60, pointer }, pair);
        a.port.close();
        b.port.close();
      }
    },

    'larger offsets than agreed are cut': (t, lab) => {
      const a = lab.rings('a', offset(0, 64, 16));
      const b = lab.rings('b', offset(0, 128, 16));
      clear(b.rx);
      b.rx.setPointer(0, 0xabcd0000n | 5000n);
      b.rx.setPointer(1, 0xabcd0000n | 64n);
      put(a.tx, 64, 60, 1, 0x1_0000n + 65n);
      put(a.tx, 64, 60, 2, 0xffffn);
      a.port.txSync();
      b.port.rxSync();
      t.strictSame(
        found(b.rx, 0, 1),
        { at: 128, length: 60, said: 60, pointer: 0xabcd0080 },
        'the other bits of the pointer stay',
      );
      t.strictSame(found(b.rx, 1, 2), { at: 64, length: 60, said: 60, pointer: 0xabcd0040 });
      t.equal(a.tx.pointer(1), 0xffffn, 'the sender is not told');
    },

    'frames must fit behind the offset': (t, lab) => {
      const a = lab.rings('a', offset(64));
      const b = lab.rings('b');
      const room = lab.bufSize - 64;
      put(a.tx, 64, room, 1);
      put(a.tx, 64, 60, 2);
      setSlot(a.tx, 1, { length: room + 1 });
      put(a.tx, 64, 60, 3);
      a.port.txSync();
      b.port.rxSync();
      t.strictSame([b.rx.length(0), b.rx.length(1), b.rx.available], [room, 60, 2], 'too long to be sent: dropped');
      put(b.tx, 0, room, 4);
      put(b.tx, 0, lab.bufSize, 5);
      b.port.txSync();
      a.port.rxSync();
      t.strictSame([a.rx.length(0), a.rx.length(1), a.rx.available], [room, 0, 2], 'too long to be received: empty');
      t.equal(a.rx.pointer(1), 64n);
    },

    'a reader may change the offset of slots that it gives back': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b', { ...offset(64, 256), rxSlots: 4 });
      for (let i = 0; i < 4; i++) b.rx.setPointer(i, 128n);
      clear(b.rx);
      put(a.tx, 0, 60, 1);
      a.port.txSync();
      b.port.rxSync();
      t.strictSame(found(b.rx, 0, 1), { at: 128, length: 60, said: 60, pointer: 128 });
    },

    'pipes: both ends begin alike, and pointers travel': (t, lab) => {
      const a = lab.end('{', offset(64, 64, 16));
      const b = lab.end('}');
      t.strictSame(seen(b.rx), seen(a.tx));
      t.strictSame(seen(b.tx), seen(a.rx));
      a.tx.setPointer(0, 0x77n);
      a.tx.setLength(0, 60);
      a.tx.advance(1);
      a.port.txSync();
      b.port.rxSync();
      t.equal(b.rx.pointer(0), 0x77n);
    },

    'pipes: the second end may ask for its own': (t, lab) => {
      const a = lab.end('{', offset(64, 64, 16));
      a.tx.setPointer(0, 0x77n);
      a.tx.setLength(0, 60);
      a.tx.advance(1);
      a.port.txSync();
      const b = lab.end('}', offset(32, 128, 32));
      t.strictSame(seen(a.tx), { mask: 0xffffn, align: 0n, first: 0x77n, last: 64n });
      t.strictSame(seen(b.tx), { mask: 0xffffffffn, align: 0n, first: 32n, last: 32n });
      b.port.rxSync();
      t.equal(b.rx.pointer(0), lab.by('pipe-offsets', { kernel: 32n, engine: 0x77n }));
      t.equal(b.rx.pointer(1), 32n);
    },
  },
};
