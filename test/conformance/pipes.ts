import { lib } from '../support/library';
import { frame, queue, send, tags, take } from '../support/frames';
import { flags, lengths, poll, setSlot, slot, state } from '../support/raw-ring';
import type { Topic } from './scenario';

const { IN, OUT } = lib.POLL;
const { MOREFRAG } = lib.NS;

const SMALL = { txSlots: 8, rxSlots: 8 };

export const pipes: Topic = {
  title: 'pipes',
  rules: {
    'frames go both ways': (t, lab) => {
      const { a, b } = lab.pipe();
      send(a.tx, frame(1), frame(2));
      send(b.tx, frame(3));
      t.strictSame(take(b.rx), [1, 2]);
      t.strictSame(take(a.rx), [3]);
    },

    'both ends begin with the same buffers in matching slots': (t, lab) => {
      const { a, b } = lab.pipe();
      for (let i = 0; i < 16; i++) {
        t.equal(slot(a.tx, i).index, slot(b.rx, i).index);
        t.equal(slot(b.tx, i).index, slot(a.rx, i).index);
      }
      t.equal(slot(a.rx, 0).index, 2);
      t.equal(slot(a.tx, 0).index, 18);
      t.strictSame(
        [a.rx, a.tx, b.rx, b.tx].map((ring) => ring.byteOffset),
        [12288, 32768, 53248, 73728],
      );
    },

    'whichever end is opened first': (t, lab) => {
      const b = lab.end('}');
      const a = lab.end('{');
      t.equal(slot(b.rx, 0).index, 2);
      t.strictSame(
        [b.rx, b.tx, a.rx, a.tx].map((ring) => ring.byteOffset),
        [12288, 32768, 53248, 73728],
      );
    },

    'the sender waits for the receiver: nothing is lost': (t, lab) => {
      const { a, b } = lab.pipe(SMALL);
      send(a.tx, ...Array.from({ length: 5 }, (_, i) => frame(i)));
      t.equal(state(a.tx), '5/5/7', 'tail does not move');
      t.equal(poll(a.port, OUT), OUT);
      send(a.tx, frame(5), frame(6));
      t.equal(state(a.tx), '7/7/7');
      t.equal(poll(a.port, OUT), 0);
      b.port.rxSync();
      b.rx.advance(2);
      b.port.rxSync();
      t.equal(poll(a.port, OUT), OUT);
      t.equal(state(a.tx), '7/7/1', 'tail is the slot before what was released');
      t.strictSame(tags(b.rx), [2, 3, 4, 5, 6]);
    },

    'many frames in batches of all sizes arrive whole and in order': (t, lab) => {
      const { a, b } = lab.pipe({ txSlots: 13, rxSlots: 13 });
      let sent = 0;
      let next = 0;
      let seed = 1;
      const random = (n: number) => (seed = (seed * 48271) % 0x7fffffff) % n;
      while (next < 3000) {
        for (let n = random(a.tx.available + 1); n > 0; n--)
          queue(a.tx, frame(sent, undefined, undefined, 60 + (sent++ % 200)));
        a.port.txSync();
        b.port.rxSync();
        const got = tags(b.rx).slice(0, random(b.rx.available + 1));
        for (const tag of got) if (tag !== next++) return t.fail(`frame ${next - 1} arrived as ${tag}`);
        b.rx.advance(got.length);
        b.port.rxSync();
        a.port.txSync();
      }
      t.ok(next <= sent);
    },

    'slots pass as they are: nothing is checked': (t, lab) => {
      const { a, b } = lab.pipe();
      const wanted = [0, 13, 2049, 65535];
      const own = slot(a.tx, 4).index;
      for (const [i, length] of wanted.entries()) setSlot(a.tx, i, { length });
      setSlot(a.tx, 4, { index: 99999999, length: 60 });
      a.tx.advance(5);
      t.doesNotThrow(() => a.port.txSync());
      t.doesNotThrow(() => b.port.rxSync());
      t.equal(state(b.rx), '0/0/5');
      t.strictSame(lengths(b.rx, 0, 4), wanted);
      t.equal(slot(b.rx, 4).index, 99999999);
      setSlot(b.rx, 4, { index: own });
      setSlot(a.tx, 4, { index: own });
    },

    'a frame over several slots shows when its last one is there, without a count': (t, lab) => {
      const { a, b } = lab.pipe();
      queue(a.tx, frame(0), frame(1), frame(2));
      setSlot(a.tx, 1, { flags: MOREFRAG });
      setSlot(a.tx, 2, { flags: MOREFRAG });
      a.port.txSync();
      t.equal(state(a.tx), '3/3/15');
      b.port.rxSync();
      t.equal(state(b.rx), '0/0/1', 'the whole one before it shows');
      queue(a.tx, frame(3));
      setSlot(a.tx, 3, { flags: 0, length: 0 });
      a.port.txSync();
      b.port.rxSync();
      t.equal(state(b.rx), '0/0/4');
      t.strictSame(flags(b.rx, 0, 4), [0, MOREFRAG, MOREFRAG, 0]);
      t.strictSame(lengths(b.rx, 0, 4), [60, 60, 60, 0]);
    },

    'a chain that fills the ring is stuck': (t, lab) => {
      const { a, b } = lab.pipe(SMALL);
      for (let i = 0; i < 7; i++) {
        queue(a.tx, frame(i));
        setSlot(a.tx, i, { flags: MOREFRAG });
      }
      a.port.txSync();
      t.equal(state(a.tx), '7/7/7');
      t.equal(poll(a.port, OUT), 0);
      t.equal(poll(b.port, IN), 0);
    },

    'geometry is mirrored': (t, lab) => {
      const a = lab.end('{', { txSlots: 64, rxSlots: 128, txRings: 2, rxRings: 3 }).port;
      const b = lab.end('}', { txSlots: 5, rxSlots: 6, txRings: 1, rxRings: 1 }).port;
      const shape = (port: typeof a) => [port.txRings, port.rxRings].map((rings) => [rings.length, rings[0].numSlots]);
      t.strictSame(shape(a), [
        [2, 64],
        [3, 128],
      ]);
      t.strictSame(
        shape(b),
        [
          [3, 128],
          [2, 64],
        ],
        'whatever it asks for',
      );
    },

    'the numbers of the first open are those of the end with {': (t, lab) => {
      const b = lab.end('}', { txSlots: 64, rxSlots: 128, txRings: 2, rxRings: 3 }).port;
      const a = lab.end('{').port;
      t.strictSame([b.txRings.length, b.txRings[0].numSlots], [3, 128]);
      t.strictSame([b.rxRings.length, b.rxRings[0].numSlots], [2, 64]);
      t.strictSame([a.txRings.length, a.txRings[0].numSlots], [2, 64]);
    },

    'tx ring i is rx ring i of the other end': (t, lab) => {
      const a = lab.end('{', { txRings: 2, rxRings: 3 }).port;
      const b = lab.end('}').port;
      a.txRings.forEach((ring, i) => send(ring, frame(10 + i)));
      b.txRings.forEach((ring, i) => send(ring, frame(20 + i)));
      t.strictSame(b.rxRings.map(take), [[10], [11]]);
      t.strictSame(a.rxRings.map(take), [[20], [21], [22]]);
    },

    'frames wait for an end that is not open yet': (t, lab) => {
      const a = lab.end('{', SMALL);
      send(a.tx, ...Array.from({ length: 7 }, (_, i) => frame(i)));
      t.equal(state(a.tx), '7/7/7');
      t.equal(poll(a.port, OUT), 0);
      const b = lab.end('}');
      t.equal(state(b.rx), '0/0/0');
      t.strictSame(take(b.rx), [0, 1, 2, 3, 4, 5, 6]);
    },

    'an end that is opened again goes on where it was': (t, lab) => {
      const { a, b } = lab.pipe();
      send(a.tx, ...Array.from({ length: 10 }, (_, i) => frame(i)));
      b.port.rxSync();
      b.rx.advance(3);
      b.port.rxSync();
      b.rx.advance(2);
      b.port.close();
      send(a.tx, frame(10));
      const again = lab.end('}');
      t.equal(state(again.rx), '5/5/10', 'the head that was not synced counts');
      again.port.rxSync();
      t.equal(state(again.rx), '5/5/11');
      t.strictSame(tags(again.rx), [5, 6, 7, 8, 9, 10]);
    },

    'so does the sender': (t, lab) => {
      const { a, b } = lab.pipe();
      send(a.tx, frame(0), frame(1));
      queue(a.tx, frame(2));
      a.port.close();
      t.strictSame(take(b.rx), [0, 1]);
      send(b.tx, frame(9));
      const again = lab.end('{');
      t.equal(state(again.tx), '3/3/15');
      again.port.txSync();
      t.strictSame(take(b.rx), [2], 'what was queued is sent by the next owner');
      t.strictSame(take(again.rx), [9]);
    },

    'with both ends closed, everything is gone': (t, lab) => {
      const { a, b } = lab.pipe();
      send(a.tx, frame(1));
      a.port.close();
      b.port.close();
      const fresh = lab.end('}', SMALL);
      t.equal(state(fresh.rx), '0/0/0');
      t.strictSame(take(fresh.rx), []);
      t.equal(fresh.rx.numSlots, 8);
    },

    'pipes of one parent share memory and nothing else': (t, lab) => {
      const { a, b } = lab.pipe();
      const c = lab.end('{', {}, 'r');
      const d = lab.end('}', {}, 'r');
      t.equal(c.port.memId, a.port.memId);
      send(a.tx, frame(1));
      send(c.tx, frame(2));
      t.strictSame(take(b.rx), [1]);
      t.strictSame(take(d.rx), [2]);
    },

    'a pipe of a switch port lives in its memory and takes its slots': (t, lab) => {
      const parent = lab.port('a', { txSlots: 64, rxSlots: 32 });
      const a = lab.register(`${lab.vale}:a{1`);
      t.match(a.out, { memId: parent.memId, txSlots: 64, rxSlots: 32, txRings: 1, rxRings: 1 });
      const c = lab.open({ name: `${lab.vale}:a{2` });
      t.equal(c.memId, parent.memId);
      t.equal(c.txRings[0].numSlots, 16, 'fewer may be asked for');
      const b = lab.port('b');
      send(b.txRings[0], frame(1));
      t.strictSame(take(c.rxRings[0]), [], 'it is no port of the switch');
      t.strictSame(take(parent.rxRings[0]), [1]);
    },

    'other modes than all rings and one ring are refused': (t, lab) => {
      for (let mode = 0; mode < 12; mode++) {
        if (mode === 7) continue; // a null port takes any name
        const { errno } = lab.register(`${lab.parent}{q`, { mode, txSlots: 8, rxSlots: 8, memId: 0 });
        t.equal(errno, mode === 1 || mode === 4 ? 0 : 22, `mode ${mode}`);
      }
    },

    'POLLIN of the sender pushes what it has queued': (t, lab) => {
      const { a, b } = lab.pipe();
      queue(a.tx, frame(1));
      t.equal(poll(a.port, IN), 0);
      t.equal(poll(b.port, IN), IN);
      t.strictSame(take(b.rx), [1]);
    },

    'both ends in one process, ping and pong': (t, lab) => {
      const { a, b } = lab.pipe(SMALL);
      for (let i = 0; i < 100; i++) {
        send(a.tx, frame(i));
        t.strictSame(take(b.rx), [i]);
        send(b.tx, frame(1000 + i));
        t.strictSame(take(a.rx), [1000 + i]);
      }
    },
  },
};
