import { lib } from '../support/library';
import { frame, queue, send, tags, take } from '../support/frames';
import { poll, slot, state } from '../support/raw-ring';
import type { Topic } from './scenario';

const { IN } = lib.POLL;
const TWO = { txRings: 2, rxRings: 2 };

export const sharedPorts: Topic = {
  title: 'several descriptors on one port',
  rules: {
    'see the same rings': (t, lab) => {
      const first = lab.rings('a');
      const second = lab.rings('a', { txSlots: 64, rxSlots: 64 });
      const c = lab.rings('c');
      t.equal(second.tx.numSlots, 16, 'a second one has no say in the geometry');
      t.equal(second.tx.byteOffset, first.tx.byteOffset);
      t.equal(second.port.memId, first.port.memId);
      queue(first.tx, frame(1));
      second.port.txSync();
      t.strictSame(take(c.rx), [1], 'what one has queued, the other one sends');
      send(c.tx, frame(2));
      t.equal(poll(first.port, IN), IN);
      t.equal(poll(second.port, IN), IN);
      t.equal(state(first.rx), state(second.rx));
    },

    'each have an interface structure of their own': (t, lab) => {
      const first = lab.register(`${lab.vale}:a`);
      const second = lab.register(`${lab.vale}:a`);
      t.strictSame([first.out.offset, second.out.offset], [0, 1024]);
    },

    'closing one leaves the rings to the other': (t, lab) => {
      const first = lab.rings('a');
      const second = lab.rings('a');
      const c = lab.rings('c');
      send(c.tx, frame(1));
      first.port.close();
      send(c.tx, frame(2));
      t.strictSame(take(second.rx), [1, 2]);
    },

    'single rings are made when first bound': (t, lab) => {
      const zero = lab.port('a', { mode: 'ring', ring: 0, ...TWO });
      const one = lab.port('a', { mode: 'ring', ring: 1, txRings: 4, rxRings: 4 });
      t.strictSame(
        [zero.rxRings[0], zero.txRings[0], one.rxRings[0], one.txRings[0]].map((ring) => [
          ring.id,
          ring.byteOffset,
          slot(ring, 0).index,
        ]),
        [
          [0, 12288, 2],
          [0, 32768, 18],
          [1, 53248, 34],
          [1, 73728, 50],
        ],
      );
      t.equal(lab.errorOf(`${lab.vale}:a`, { mode: 'ring', ring: 2 }), 'EINVAL');
      t.equal(zero.txRings.length, 1);
    },

    'a ring is freed with its last user, and fresh for the next': (t, lab) => {
      const zero = lab.port('a', { mode: 'ring', ring: 0, ...TWO });
      lab.port('a', { mode: 'ring', ring: 1 });
      const c = lab.rings('c');
      send(c.tx, frame(1));
      zero.rxSync();
      t.strictSame(tags(zero.rxRings[0]), [1]);
      const places = [zero.rxRings[0].byteOffset, zero.txRings[0].byteOffset];
      zero.close();
      const again = lab.port('a', { mode: 'ring', ring: 0 });
      t.strictSame([again.rxRings[0].byteOffset, again.txRings[0].byteOffset], places);
      const stale = lab.by('reopened-ring', { kernel: 1, engine: 0 });
      t.equal(state(again.rxRings[0]), `0/0/${stale}`);
      again.rxSync();
      t.equal(state(again.rxRings[0]), `0/0/${stale}`);
      send(c.tx, frame(2));
      t.strictSame(take(again.rxRings[0]).slice(stale), [2]);
    },

    'one direction of one ring': (t, lab) => {
      lab.port('a', TWO);
      const one = lab.port('a', { mode: 'ring', ring: 1, txOnly: true });
      t.strictSame(
        [...one.txRings, ...one.rxRings].map((ring) => [ring.kind, ring.id]),
        [['tx', 1]],
      );
    },

    'a ring number that only one direction has binds ring 0 of the other': (t, lab) => {
      const port = lab.end('{', { txRings: 2, rxRings: 3, mode: 'ring', ring: 2 }).port;
      t.strictSame(
        [...port.rxRings, ...port.txRings].map((ring) => [ring.kind, ring.id]),
        [
          ['rx', 2],
          ['tx', 0],
        ],
      );
    },

    'the memory id of an open port': (t, lab) => {
      const { memId } = lab.port('a');
      t.equal(lab.port('a', { memId }).memId, memId);
      t.equal(lab.port('a', { memId: 1 }).memId, memId, '1 does not insist');
      t.equal(lab.errorOf(`${lab.vale}:a`, { memId: 777 }), 'EINVAL');
    },
  },
};
