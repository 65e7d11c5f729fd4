import { lib, type Port, type PortOptions } from '../support/library';
import { BROADCAST, frame, mac, queue, send, tags, take } from '../support/frames';
import { flags, lengths, poll, setSlot, slot, state } from '../support/raw-ring';
import type { Lab } from './lab';
import type { Topic } from './scenario';

const { BUF_CHANGED, INDIRECT, MOREFRAG, REPORT, TXMON } = lib.NS;
const { IN } = lib.POLL;

/** A monitor of a port of the lab's switch, or of whatever `name` is the full name of. */
export function watch(lab: Lab, name: string, monitor: PortOptions['monitor'], options: PortOptions = {}) {
  const full = name.includes('{') || name.includes('}') ? `${lab.parent}${name}` : `${lab.vale}:${name}`;
  const port = lab.open({ name: full }, { ...options, monitor });
  return { port, rx: port.rxRings[0] };
}

/** Whether no buffer is in two slots of these ports. */
export function distinct(...ports: Port[]): boolean {
  const all = ports.flatMap(({ txRings, rxRings }) =>
    [...txRings, ...rxRings].flatMap((ring) => Array.from({ length: ring.numSlots }, (_, i) => slot(ring, i).index)),
  );
  return new Set(all).size === all.length;
}

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);
const framesOf = (tags: number[]) => tags.map((tag) => frame(tag));

export const monitors: Topic = {
  title: 'monitors',
  rules: {
    'a copy monitor of received frames sees them before the reader does': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const m = watch(lab, 'a', { rx: true });
      send(b.tx, frame(1), frame(2));
      t.equal(state(a.rx), '0/0/0', 'the reader has not looked');
      t.equal(poll(m.port, IN), IN);
      t.strictSame(tags(m.rx), [1, 2]);
      t.strictSame(flags(m.rx, 0, 2), [0x100, 0x100], 'as in the ring of the port');
      t.strictSame(take(a.rx), [1, 2], 'who gets them as well');
      t.strictSame(take(m.rx), [1, 2], 'once');
    },

    'a copy monitor of sent frames sees them when they are synced': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const m = watch(lab, 'a', { tx: true });
      queue(a.tx, frame(1));
      t.strictSame(take(m.rx), []);
      a.port.txSync();
      t.strictSame(take(m.rx), [1]);
      t.strictSame(take(b.rx), [1]);
    },

    'a monitor of one direction sees nothing of the other': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const rx = watch(lab, 'a', { rx: true }).rx;
      const tx = watch(lab, 'a', { tx: true }).rx;
      send(a.tx, frame(1));
      send(b.tx, frame(2));
      t.strictSame(take(rx), [2]);
      t.strictSame(take(tx), [1]);
    },

    'both directions share a ring, and NS_TXMON tells what was sent': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const { rx } = watch(lab, 'a', { rx: true, tx: true });
      send(a.tx, frame(1));
      send(b.tx, frame(2));
      send(a.tx, frame(3));
      t.strictSame(take(rx), [1, 2, 3]);
      t.strictSame(flags(rx, 0, 3), [TXMON, 0x100, TXMON]);
    },

    'frames that were there before are not seen': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      send(b.tx, frame(1), frame(2));
      const { rx } = watch(lab, 'a', { rx: true });
      t.strictSame(take(rx), []);
      send(b.tx, frame(3));
      t.strictSame(take(rx), [3]);
      t.strictSame(take(a.rx), [1, 2, 3]);
    },

    'a copy has the flags of the slot': (t, lab) => {
      const a = lab.rings('a');
      const { rx } = watch(lab, 'a', { tx: true });
      queue(a.tx, frame(1), frame(2), frame(3));
      setSlot(a.tx, 0, { flags: 0x1200 | REPORT | BUF_CHANGED | TXMON });
      setSlot(a.tx, 1, { flags: MOREFRAG });
      a.port.txSync();
      t.strictSame(take(rx), [1, 2, 3]);
      t.strictSame(flags(rx, 0, 3), [0x1200 | REPORT | BUF_CHANGED | TXMON, MOREFRAG | TXMON, TXMON]);
    },

    'a copy shows frames that the switch refuses, cut to the buffer': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const { rx } = watch(lab, 'a', { tx: true });
      queue(a.tx, frame(1), frame(2));
      setSlot(a.tx, 0, { length: 13 });
      setSlot(a.tx, 1, { length: 3000 });
      a.port.txSync();
      rx.port.rxSync();
      t.strictSame(lengths(rx, 0, 2), [13, lab.bufSize]);
      t.strictSame(take(b.rx), []);
    },

    'a copy of an indirect slot': (t, lab) => {
      const a = lab.rings('a');
      const { rx } = watch(lab, 'a', { tx: true });
      const address = a.port.indirect(frame(42, BROADCAST, mac(1), 300));
      queue(a.tx, frame(1));
      setSlot(a.tx, 0, { flags: INDIRECT, length: 300, pointer: address });
      a.port.txSync();
      rx.port.rxSync();
      const shows = { kernel: [-1, INDIRECT | TXMON], engine: [42, TXMON] };
      t.strictSame([tags(rx)[0], slot(rx, 0).flags], lab.by('monitor-indirect', shows));
    },

    'fragments of a received frame come with their number': (t, lab) => {
      lab.rings('a');
      const b = lab.rings('b');
      const { rx } = watch(lab, 'a', { rx: true });
      queue(b.tx, frame(1), frame(2));
      setSlot(b.tx, 0, { flags: MOREFRAG });
      b.port.txSync();
      t.strictSame(take(rx), [1, 2]);
      t.strictSame(flags(rx, 0, 2), [0x220, 0x200]);
    },

    'several copy monitors see everything, each for itself': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const all = [1, 2, 3].map(() => watch(lab, 'a', { rx: true, tx: true }).rx);
      send(a.tx, frame(1));
      t.strictSame(take(all[0]), [1]);
      send(b.tx, frame(2), frame(3));
      t.strictSame(all.map(take), [
        [2, 3],
        [1, 2, 3],
        [1, 2, 3],
      ]);
      all[1].port.close();
      send(a.tx, frame(4));
      t.strictSame([take(all[0]), take(all[2])], [[4], [4]]);
    },

    'where not all of a batch fits the newest are seen': (t, lab) => {
      const a = lab.rings('a', { txSlots: 32 });
      const { rx } = watch(lab, 'a', { tx: true }, { rxSlots: 8 });
      send(a.tx, ...framesOf(numbers(20)));
      t.strictSame(take(rx), numbers(7, 13));
      rx.port.rxSync();
      send(a.tx, ...framesOf(numbers(5, 20)));
      send(a.tx, ...framesOf(numbers(5, 30)));
      t.strictSame(take(rx), [...numbers(5, 20), 33, 34], 'of each batch for itself');
      const counters = rx.port.counters();
      t.equal(counters && counters.dropFull, lab.by('counters', { kernel: null, engine: 16 }));
    },

    'where a frame over several slots does not fit': (t, lab) => {
      const a = lab.rings('a');
      const { rx } = watch(lab, 'a', { tx: true }, { rxSlots: 4 });
      queue(a.tx, ...framesOf(numbers(5)));
      for (const i of [1, 2]) setSlot(a.tx, i, { flags: MOREFRAG });
      a.port.txSync();
      t.strictSame(take(rx), lab.by('monitor-torn', { kernel: [2, 3, 4], engine: [4] }));
    },

    'a zero-copy monitor sees received frames once the reader has released and synced them': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const z = watch(lab, 'a', { zeroCopy: true });
      send(b.tx, frame(1), frame(2), frame(3));
      t.equal(poll(z.port, IN), 0);
      a.port.rxSync();
      t.equal(poll(z.port, IN), 0);
      const sent = [0, 1].map((i) => slot(a.rx, i).index);
      const spare = [0, 1].map((i) => slot(z.rx, i).index);
      a.rx.advance(2);
      t.equal(poll(z.port, IN), 0);
      a.port.rxSync();
      t.equal(poll(z.port, IN), IN);
      t.strictSame(tags(z.rx), [1, 2]);
      t.strictSame(flags(z.rx, 0, 2), [0x100, 0x100]);
      t.strictSame(
        [0, 1].map((i) => slot(z.rx, i).index),
        sent,
        'in the buffers that they were in',
      );
      t.strictSame(
        [0, 1].map((i) => slot(a.rx, i).index),
        spare,
        'for which the reader has got others',
      );
      t.ok(distinct(a.port, z.port));
    },

    'a zero-copy monitor sees what the reader has made of a frame': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const z = watch(lab, 'a', { zeroCopy: true });
      send(b.tx, frame(1));
      a.port.rxSync();
      a.rx.payload(0).set(frame(2));
      t.strictSame(take(a.rx), [2]);
      a.port.rxSync();
      t.strictSame(take(z.rx), [2]);
    },

    'a zero-copy monitor sees sent frames at once on a switch': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const z = watch(lab, 'a', { zeroCopy: true });
      const before = [0, 1].map((i) => slot(a.tx, i).index);
      queue(a.tx, frame(1), frame(2));
      setSlot(a.tx, 1, { flags: REPORT });
      a.port.txSync();
      t.strictSame(take(z.rx), [1, 2]);
      t.strictSame(flags(z.rx, 0, 2), [TXMON, REPORT | TXMON]);
      t.strictSame(
        [0, 1].map((i) => slot(z.rx, i).index),
        before,
      );
      t.strictSame(flags(a.tx, 0, 2), [BUF_CHANGED, REPORT | BUF_CHANGED], 'the sender is told of other buffers');
      t.ok(distinct(a.port, z.port));
      t.strictSame(take(b.rx), [1, 2]);
    },

    'zero-copy monitors of one port see its frames one after another': (t, lab) => {
      const a = lab.rings('a');
      const first = watch(lab, 'a', { zeroCopy: true }).rx;
      const second = watch(lab, 'a', { zeroCopy: true }).rx;
      send(a.tx, ...framesOf(numbers(3)));
      first.port.rxSync();
      t.strictSame(tags(first), [0, 1, 2]);
      t.strictSame(take(second), []);
      first.advance(2);
      t.strictSame(take(second), []);
      first.port.rxSync();
      t.strictSame(take(second), [0, 1]);
      t.equal(slot(second, 0).flags, lab.by('monitor-chain', { kernel: 0, engine: TXMON }));
      t.ok(distinct(a.port, first.port, second.port));
      first.port.close();
      send(a.tx, frame(5));
      t.strictSame(take(second), [5], 'the next one takes the place of one that was closed');
      t.ok(distinct(a.port, second.port));
    },

    'copy and zero-copy monitors of one port': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const copy = watch(lab, 'a', { rx: true, tx: true }).rx;
      const zero = watch(lab, 'a', { zeroCopy: true }).rx;
      send(a.tx, frame(1));
      send(b.tx, frame(2));
      t.strictSame(take(copy), [1, 2]);
      t.strictSame(take(zero), [1]);
      t.strictSame(take(a.rx), [2]);
      a.port.rxSync();
      t.strictSame(take(zero), [2]);
    },

    'where not all fits a zero-copy monitor gets the newest, and the port keeps its other buffers': (t, lab) => {
      const a = lab.rings('a');
      const z = watch(lab, 'a', { zeroCopy: true }, { rxSlots: 4 });
      const before = numbers(10).map((i) => slot(a.tx, i).index);
      send(a.tx, ...framesOf(numbers(10)));
      t.strictSame(take(z.rx), [7, 8, 9]);
      t.strictSame(
        numbers(10).map((i) => slot(a.tx, i).index === before[i]),
        numbers(10).map((i) => i < 7),
      );
      t.ok(distinct(a.port, z.port));
    },

    'of a pipe either end can be watched': (t, lab) => {
      const { a, b } = lab.pipe();
      const sent = watch(lab, '{q', { tx: true }).rx;
      const received = watch(lab, '}q', { rx: true }).rx;
      send(a.tx, frame(1), frame(2));
      t.strictSame(take(sent), [1, 2]);
      t.strictSame(take(received), [1, 2], 'before the reader');
      t.strictSame([...flags(sent, 0, 1), ...flags(received, 0, 1)], [TXMON, 0]);
      t.strictSame(take(b.rx), [1, 2]);
      send(b.tx, frame(3));
      t.strictSame([take(sent), take(received)], [[], []], 'the other way');
    },

    'of a frame that a pipe is still waiting for, the sending side is seen': (t, lab) => {
      const { a, b } = lab.pipe();
      const sent = watch(lab, '{q', { tx: true }).rx;
      const received = watch(lab, '}q', { rx: true }).rx;
      queue(a.tx, frame(1));
      setSlot(a.tx, 0, { flags: MOREFRAG });
      a.port.txSync();
      t.strictSame([take(sent), take(received), take(b.rx)], [[1], [], []]);
      send(a.tx, frame(2));
      t.strictSame([take(sent), take(received), take(b.rx)], [[2], [1, 2], [1, 2]]);
    },

    'a zero-copy monitor of a pipe sees sent frames when their slots have come back': (t, lab) => {
      const { a, b } = lab.pipe();
      const z = watch(lab, '{q', { zeroCopy: true });
      send(a.tx, frame(1), frame(2), frame(3));
      t.strictSame(take(z.rx), []);
      b.port.rxSync();
      b.rx.advance(2);
      b.port.rxSync();
      t.strictSame(take(z.rx), []);
      a.port.txSync();
      t.strictSame(take(z.rx), [1, 2]);
      t.strictSame(flags(z.rx, 0, 2), [TXMON, TXMON]);
      t.strictSame(flags(a.tx, 0, 3), [BUF_CHANGED, BUF_CHANGED, 0]);
      t.ok(distinct(a.port, z.port));
      for (let round = 0; round < 30; round++) {
        send(a.tx, frame(10 + round));
        take(b.rx);
        b.port.rxSync();
        a.port.txSync();
        t.strictSame(take(z.rx), round === 0 ? [3, 10] : [10 + round]);
        z.port.rxSync();
      }
      t.ok(distinct(a.port, z.port));
    },

    'a zero-copy monitor of the end that reads a pipe': (t, lab) => {
      const { a, b } = lab.pipe();
      const z = watch(lab, '}q', { zeroCopy: true });
      for (let round = 0; round < 30; round++) {
        send(a.tx, frame(2 * round), frame(2 * round + 1));
        b.port.rxSync();
        t.strictSame(take(z.rx), []);
        t.strictSame(take(b.rx), [2 * round, 2 * round + 1]);
        b.port.rxSync();
        t.strictSame(take(z.rx), [2 * round, 2 * round + 1]);
        z.port.rxSync();
      }
      a.port.txSync();
      t.ok(distinct(a.port, z.port), 'the sender has got buffers of the monitor');
    },
  },
};
