import { inside, lib } from '../support/library';
import { ringHeader, slot, state } from '../support/raw-ring';
import type { Topic } from './scenario';

const cases = [
  [16, 16],
  [64, 128],
  [13, 7],
  [1024, 1024],
];

export const freshRings: Topic = {
  title: 'fresh rings',
  rules: {
    'a tx ring is free but for one slot, an rx ring is empty': (t, lab) => {
      for (const [txSlots, rxSlots] of cases) {
        const { port, tx, rx } = lab.rings('a', { txSlots, rxSlots });
        t.equal(state(tx), `0/0/${txSlots - 1}`, `tx of ${txSlots}`);
        t.equal(state(rx), '0/0/0', `rx of ${rxSlots}`);
        t.equal(tx.available, txSlots - 1);
        t.equal(rx.available, 0);
        port.close();
      }
    },

    'slots are as long as their buffers, without flags and pointer': (t, lab) => {
      const { tx, rx } = lab.rings('a');
      for (const ring of [tx, rx]) {
        for (let i = 0; i < ring.numSlots; i++) {
          const { index, ...rest } = slot(ring, i);
          t.strictSame(rest, { length: lab.bufSize, flags: 0, pointer: 0n });
          t.ok(index >= 2);
        }
      }
    },

    'buffers are handed out in order: all rx rings, then all tx rings': (t, lab) => {
      const port = lab.port('a', { txRings: 2, rxRings: 3, txSlots: 64, rxSlots: 128 });
      const firstAndLast = [...port.rxRings, ...port.txRings].map((ring) => [
        slot(ring, 0).index,
        slot(ring, ring.numSlots - 1).index,
      ]);
      t.strictSame(firstAndLast, [
        [2, 129],
        [130, 257],
        [258, 385],
        [386, 449],
        [450, 513],
      ]);
    },

    'ring objects lie in the same order': (t, lab) => {
      const port = lab.port('a', { txRings: 2, rxRings: 3, txSlots: 64, rxSlots: 128 });
      t.strictSame(
        [...port.rxRings, ...port.txRings].map((ring) => ring.byteOffset),
        [12288, 32768, 53248, 73728, 94208],
      );
    },

    'ring headers tell slots, buffer size, index and direction': (t, lab) => {
      const port = lab.port('a', { txRings: 2, rxRings: 3, txSlots: 64, rxSlots: 128 });
      port.txRings.forEach((ring, i) => {
        const { seconds, ...header } = ringHeader(ring);
        const numSlots = 64;
        t.strictSame(header, { numSlots, bufSize: lab.bufSize, ringId: i, dir: 1, flags: 0, offsetMask: 0n });
        t.equal(seconds, 0);
      });
      port.rxRings.forEach((ring, i) => {
        const { seconds, ...header } = ringHeader(ring);
        const numSlots = 128;
        t.strictSame(header, { numSlots, bufSize: lab.bufSize, ringId: i, dir: 0, flags: 0, offsetMask: 0n });
        t.equal(seconds, 0);
      });
    },

    'the interface structure names the port and leaves host entries empty': (t, lab) => {
      const { native, out } = lab.register(`${lab.vale}:a`, { txRings: 2, rxRings: 3 });
      const region = native.map(out.memSize) as ArrayBuffer;
      const view = new DataView(region, out.offset);
      t.equal(Buffer.from(region, out.offset, 16).toString('latin1').split('\0')[0], `${lab.vale}:a`.slice(0, 15));
      t.equal(view.getUint32(16, true), 0, 'version');
      t.equal(view.getUint32(20, true), 1, 'private memory');
      t.strictSame(
        [24, 28, 32, 36, 40].map((at) => view.getUint32(at, true)),
        [2, 3, 0, 1, 1],
        'tx, rx, extra buffers, host tx, host rx',
      );
      const entries = Array.from({ length: 7 }, (_, i) => Number(view.getBigInt64(56 + 8 * i, true)));
      t.strictSame(
        entries.map((entry) => entry !== 0),
        [true, true, false, true, true, true, false],
      );
    },

    'without wishes a port gets one ring of 1024 slots each way': (t, lab) => {
      const { out } = lab.register(`${lab.vale}:a`);
      t.match(out, { txRings: 1, rxRings: 1, txSlots: 1024, rxSlots: 1024, hostTxRings: 0, hostRxRings: 0 });
    },

    'too many rings or slots are cut to 16 and 4096': (t, lab) => {
      const { errno, out } = lab.register(`${lab.vale}:a`, { txRings: 40, rxRings: 1, txSlots: 5000, rxSlots: 8 });
      t.equal(errno, 0);
      t.match(out, { txRings: 16, rxRings: 1, txSlots: 4096, rxSlots: 8 });
    },

    'host rings are not given to a switch port': (t, lab) => {
      const { errno, out } = lab.register(`${lab.vale}:a`, { hostTxRings: 3, hostRxRings: 2 });
      t.equal(errno, 0);
      t.match(out, { hostTxRings: 0, hostRxRings: 0 });
    },

    'a ring of one slot is accepted and can carry nothing': (t, lab) => {
      const { native, errno, out } = lab.register(`${lab.vale}:a`, { txSlots: 1, rxSlots: 1 });
      t.equal(errno, 0);
      t.match(out, { txSlots: 1, rxSlots: 1 });
      t.equal(native.txSync(), 0);
      t.equal(native.poll(lib.POLL.IN | lib.POLL.OUT, 0), 0);
    },

    'opened again after all have closed, a port is fresh': (t, lab) => {
      const first = lab.rings('a');
      first.tx.advance(3);
      first.port.txSync();
      first.port.close();
      const second = lab.rings('a', { txSlots: 8, rxSlots: 8 });
      t.equal(state(second.tx), '0/0/7');
      t.equal(state(second.rx), '0/0/0');
    },

    'out fields of a registration': (t, lab) => {
      const { errno, out } = lab.register(`${lab.vale}:a`, { txSlots: 64, rxSlots: 64, mode: inside.MODE.ring });
      t.equal(errno, 0);
      const { memId, memSize, ...rest } = out;
      t.equal(memSize, lab.memSize(8814592, 4098));
      t.ok(memId >= 2);
      t.strictSame(rest, {
        offset: 0,
        txSlots: 64,
        rxSlots: 64,
        txRings: 1,
        rxRings: 1,
        hostTxRings: 0,
        hostRxRings: 0,
        ringId: 0,
        mode: inside.MODE.ring,
        extraBuffers: 0,
        flags: 0,
      });
    },
  },
};
