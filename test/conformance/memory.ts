import { slot } from '../support/raw-ring';
import { frame, send, take } from '../support/frames';
import type { Topic } from './scenario';

const FOUR_K = { txSlots: 4096, rxSlots: 4096 };

export const memory: Topic = {
  title: 'memory regions',
  rules: {
    'each switch port has a region of its own': (t, lab) => {
      const a = lab.port('a');
      const b = lab.port('b');
      t.not(a.memId, b.memId);
      t.equal(a.memSize, lab.memSize(8814592, 4098));
    },

    sizes: (t, lab) => {
      const size = (fields: object) => {
        const { native, out } = lab.register(`${lab.vale}:s`, fields);
        native.close();
        return out.memSize;
      };
      t.equal(size({}), lab.memSize(42369024, 20482), 'default');
      t.equal(size({ txSlots: 8, rxSlots: 8 }), lab.memSize(8814592, 4098), '8 slots');
    },

    'sizes of ports with several rings': (t, lab) => {
      const size = (fields: object) => {
        const { native, out } = lab.register(`${lab.vale}:s`, fields);
        native.close();
        return out.memSize;
      };
      const engine = (rings: number, slots: number) => {
        const buffers = Math.max(10 * slots + 2, 4098);
        return 12288 + 10 * rings * 20480 + Math.ceil((buffers * lab.bufSize) / 4096) * 4096;
      };
      t.equal(
        size({ txRings: 2, rxRings: 3, txSlots: 64, rxSlots: 128 }),
        lab.by('region-room', { kernel: lab.memSize(8876032, 4098), engine: engine(5, 512) }),
      );
      t.equal(
        size({ txRings: 1, rxRings: 4, txSlots: 1024, rxSlots: 1024 }),
        lab.by('region-room', { kernel: lab.memSize(48721920, 23554), engine: engine(5, 5120) }),
      );
    },

    'a pipe of 16 and 16 rings': (t, lab) => {
      const { errno } = lab.register(`${lab.parent}{q`, { txRings: 16, rxRings: 16, txSlots: 64, rxSlots: 64 });
      t.equal(errno, lab.by('region-room', { kernel: 12, engine: 0 }));
    },

    'ids are used again': (t, lab) => {
      const a = lab.port('a');
      const b = lab.port('b');
      a.close();
      t.equal(lab.port('c').memId, lab.by('region-ids', { kernel: b.memId + 1, engine: a.memId }));
    },

    'a port may join the region of another': (t, lab) => {
      const a = lab.rings('a', { txSlots: 64, rxSlots: 64 });
      const b = lab.rings('b', { txSlots: 64, rxSlots: 64, memId: a.port.memId });
      t.equal(b.port.memId, a.port.memId);
      t.equal(b.port.memSize, a.port.memSize);
      t.strictSame([b.rx.byteOffset, b.tx.byteOffset], [53248, 73728]);
      t.strictSame([slot(b.rx, 0).index, slot(b.tx, 0).index], [130, 194]);
      send(a.tx, frame(1));
      t.strictSame(take(b.rx), [1], 'they are ports of the switch as before');
    },

    'also of another switch, with other rings': (t, lab) => {
      const a = lab.port('a');
      const d = lab.open(`${lab.vale}x:d`, { memId: a.memId, txRings: 2, rxRings: 2, txSlots: 32, rxSlots: 32 });
      t.equal(d.memId, a.memId);
      t.ok(d.canSwapWith(a));
    },

    'a region lives as long as its last user': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b', { memId: a.port.memId });
      const c = lab.rings('c');
      a.port.close();
      send(b.tx, frame(1));
      t.strictSame(take(c.rx), [1]);
      t.equal(lab.port('d', { memId: b.port.memId }).memId, b.port.memId);
    },

    'an id that does not exist is refused': (t, lab) => {
      t.equal(lab.errorOf(`${lab.vale}:a`, { memId: 777 }), 'EINVAL');
    },

    'region 1 is always there': (t, lab) => {
      const b = lab.rings('b', { memId: 1 });
      t.equal(b.port.memId, 1);
      t.equal(b.port.memSize, lab.memSize(343019520, 163840));
      t.strictSame([b.rx.byteOffset, b.tx.byteOffset], [102400, 139264]);
      t.strictSame([slot(b.rx, 0).index, slot(b.tx, 0).index], [2, 18]);
    },

    'ring objects that are too small are refused': (t, lab) => {
      const a = lab.port('a', { txSlots: 64, rxSlots: 64 });
      t.equal(lab.errorOf(`${lab.vale}:b`, { memId: a.memId, ...FOUR_K }), 'ENOMEM');
      t.equal(lab.errorOf(`${lab.vale}:b`, { memId: a.memId, txSlots: 1264, rxSlots: 64 }), 'ok');
      t.equal(lab.errorOf(`${lab.vale}:b`, { memId: a.memId, txSlots: 1265, rxSlots: 64 }), 'ENOMEM');
    },

    'the ring objects of a region run out': (t, lab) => {
      const parent = lab.port('a', { txSlots: 64, rxSlots: 64 });
      const opened: string[] = [];
      for (let i = 0; i < 5; i++) {
        try {
          lab.open({ name: `${lab.vale}:a{${i}` });
          opened.push('ok');
        } catch (error) {
          opened.push((error as { code: string }).code);
        }
      }
      t.strictSame(opened, ['ok', 'ok', 'ok', 'ok', 'ENOMEM']);
      const rest = lab.register(`${lab.vale}:b`, { memId: parent.memId, mode: 7, extraBuffers: 50000 });
      t.equal(rest.out.extraBuffers, 4098 - 2 - 128 - 4 * 32, 'the refused pipe took no buffers along');
    },

    'after a refusal nothing is taken': (t, lab) => {
      const a = lab.port('a', { txSlots: 64, rxSlots: 64 });
      for (let i = 0; i < 30; i++) t.equal(lab.errorOf(`${lab.vale}:b`, { memId: a.memId, ...FOUR_K }), 'ENOMEM');
      const b = lab.rings('b', { memId: a.memId });
      t.strictSame([b.rx.byteOffset, slot(b.rx, 0).index], [53248, 130]);
    },

    'objects are used again, the lowest first': (t, lab) => {
      const a = lab.port('a', { txSlots: 64, rxSlots: 64 });
      for (let i = 0; i < 30; i++) {
        const b = lab.rings('b', { memId: a.memId });
        t.strictSame([b.rx.byteOffset, slot(b.rx, 0).index], [53248, 130]);
        b.port.close();
      }
    },
  },
};
