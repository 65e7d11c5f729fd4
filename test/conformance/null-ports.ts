import { inside, lib } from '../support/library';
import { frame, queue, send } from '../support/frames';
import { poll, slot, state } from '../support/raw-ring';
import type { Topic } from './scenario';

const { IN, OUT } = lib.POLL;
const MODE = inside.MODE.null;

export const nullPorts: Topic = {
  title: 'null ports',
  rules: {
    'a fresh one is free to write and has nothing to read': (t, lab) => {
      const { port, tx, rx } = lab.null();
      t.equal(state(tx), '0/0/15');
      t.equal(state(rx), '0/0/0');
      t.equal(poll(port, IN | OUT), OUT);
      t.equal(poll(port, IN), 0);
      t.equal(port.memId, 1);
    },

    'what is sent is gone': (t, lab) => {
      const { port, tx, rx } = lab.null();
      send(tx, ...Array.from({ length: 5 }, (_, i) => frame(i)));
      t.equal(state(tx), lab.by('null-recycles', { kernel: '5/5/15', engine: '5/5/4' }));
      queue(tx, ...Array.from({ length: 10 }, (_, i) => frame(i)));
      t.equal(poll(port, OUT), lab.by('null-recycles', { kernel: 0, engine: OUT }));
      t.equal(state(tx), lab.by('null-recycles', { kernel: '15/15/15', engine: '15/15/14' }));
      port.rxSync();
      t.equal(state(rx), '0/0/0');
    },

    'rx stays empty': (t, lab) => {
      const first = lab.null();
      const second = lab.null();
      send(first.tx, frame(1));
      second.port.rxSync();
      t.equal(state(second.rx), '0/0/0');
      t.not(first.tx.byteOffset, second.tx.byteOffset, 'any number, each with its own rings');
    },

    'no rings at all are fine': (t, lab) => {
      const { native, errno, out } = lab.register('', { mode: MODE, memId: 1 });
      t.equal(errno, 0);
      t.match(out, { txRings: 0, rxRings: 0, memId: 1, mode: MODE });
      t.equal(native.txSync(), 0);
      t.equal(native.rxSync(), 0);
      t.equal(native.poll(IN | OUT, 0), 0);
    },

    'numbers of rings and slots': (t, lab) => {
      const { errno, out } = lab.register('', { mode: MODE, memId: 1, txRings: 17, rxRings: 1, txSlots: 8 });
      t.equal(errno, 0);
      t.equal(out.txRings, lab.by('null-geometry', { kernel: 17, engine: 16 }));
      t.equal(out.rxSlots, lab.by('null-geometry', { kernel: 0, engine: 1024 }));
      t.match(out, { txSlots: 8, hostTxRings: 0, hostRxRings: 0 });
    },

    'more slots than a ring object of the region holds are refused': (t, lab) => {
      t.equal(lab.register('', { mode: MODE, memId: 1, txRings: 1, txSlots: 2288 }).errno, 0);
      t.equal(lab.register('', { mode: MODE, memId: 1, txRings: 1, txSlots: 2289 }).errno, 12);
    },

    'it needs the id of a region that exists': (t, lab) => {
      t.equal(lab.register('', { mode: MODE, memId: 0 }).errno, 22);
      t.equal(lab.register('', { mode: MODE, memId: 777 }).errno, 22);
    },

    'it may live in the memory of another port': (t, lab) => {
      const a = lab.rings('a');
      const nul = lab.null({ memId: a.port.memId });
      t.equal(nul.port.memId, a.port.memId);
      t.ok(nul.port.canSwapWith(a.port));
      const before = [slot(nul.tx, 0).index, slot(a.tx, 0).index];
      nul.tx.swap(0, a.tx, 0);
      t.strictSame([slot(a.tx, 0).index, slot(nul.tx, 0).index], before);
    },

    'any name will do, and none is shared': (t, lab) => {
      const options = { mode: MODE, memId: 1, txRings: 1, rxRings: 1, txSlots: 8, rxSlots: 8, flags: lib.NR.EXCLUSIVE };
      for (const name of ['', 'x', 'x', 'p{q']) t.equal(lab.register(name, options).errno, 0, `'${name}'`);
    },

    'one direction only': (t, lab) => {
      const nul = lab.null({ txOnly: true });
      t.equal(nul.port.txRings.length, 1);
      t.equal(nul.port.rxRings.length, 0);
      t.equal(poll(nul.port, IN | OUT), OUT);
    },

    'extra buffers work': (t, lab) => {
      const nul = lab.null({ extraBuffers: 4 });
      t.equal(nul.port.extraBuffers.available, 4);
    },
  },
};
