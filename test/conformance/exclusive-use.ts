import { lib } from '../support/library';
import type { Topic } from './scenario';

const TWO = { txRings: 2, rxRings: 2 };

export const exclusiveUse: Topic = {
  title: 'exclusive use',
  rules: {
    'keeps others out, whether they ask for it or not': (t, lab) => {
      lab.port('a', { exclusive: true });
      t.equal(lab.errorOf(`${lab.vale}:a`), 'EBUSY');
      t.equal(lab.errorOf(`${lab.vale}:a`, { exclusive: true }), 'EBUSY');
    },

    'is refused where others are already': (t, lab) => {
      lab.port('a');
      t.equal(lab.errorOf(`${lab.vale}:a`, { exclusive: true }), 'EBUSY');
      t.equal(lab.errorOf(`${lab.vale}:a`), 'ok');
    },

    'ends with the close': (t, lab) => {
      lab.port('a', { exclusive: true }).close();
      t.equal(lab.errorOf(`${lab.vale}:a`), 'ok');
    },

    'goes ring by ring': (t, lab) => {
      lab.port('a', { mode: 'ring', ring: 0, exclusive: true, ...TWO });
      t.equal(lab.errorOf(`${lab.vale}:a`, { mode: 'ring', ring: 0 }), 'EBUSY');
      t.equal(lab.errorOf(`${lab.vale}:a`, { mode: 'ring', ring: 1 }), 'ok');
      t.equal(lab.errorOf(`${lab.vale}:a`, { mode: 'ring', ring: 1, exclusive: true }), 'ok');
      t.equal(lab.errorOf(`${lab.vale}:a`), 'EBUSY', 'all rings');
    },

    'goes direction by direction': (t, lab) => {
      lab.port('a', { txOnly: true, exclusive: true });
      t.equal(lab.errorOf(`${lab.vale}:a`, { rxOnly: true }), 'ok');
      t.equal(lab.errorOf(`${lab.vale}:a`, { txOnly: true }), 'EBUSY');
    },

    'of one end of a pipe leaves the other free': (t, lab) => {
      lab.end('{', { exclusive: true });
      t.equal(lab.errorOf({ name: `${lab.parent}{q` }), 'EBUSY');
      t.equal(lab.errorOf({ name: `${lab.parent}}q` }, { exclusive: true }), 'ok');
    },

    'binding nothing conflicts with nobody': (t, lab) => {
      const flags = lib.NR.TX_RINGS_ONLY | lib.NR.RX_RINGS_ONLY;
      const { native, errno } = lab.register(`${lab.vale}:a`, { flags });
      t.equal(errno, 0);
      t.equal(native.poll(5, 0), 0);
      t.equal(native.txSync(), 0);
      t.equal(lab.errorOf(`${lab.vale}:a`, { exclusive: true }), 'ok');
    },
  },
};
