import { inside } from '../support/library';
import type { Topic } from './scenario';
import type { Lab } from './lab';

const EINVAL = 22;
const ENXIO = 6;
const ENOMEM = 12;

const PORTS = { txRings: 2, rxRings: 3, txSlots: 64, rxSlots: 128 };

function pools(lab: Lab, name: string, memId = 0) {
  const { errno, body } = lab.request(inside.REQ.POOLS_INFO_GET, name, new inside.PoolsInfoBody(memId));
  const view = new DataView(body.bytes.buffer, body.bytes.byteOffset);
  return {
    errno,
    memSize: Number(view.getBigUint64(0, true)),
    memId: view.getUint16(8, true),
    interfaces: [Number(view.getBigUint64(16, true)), view.getUint32(24, true), view.getUint32(28, true)],
    rings: [Number(view.getBigUint64(32, true)), view.getUint32(40, true), view.getUint32(44, true)],
    buffers: [Number(view.getBigUint64(48, true)), view.getUint32(56, true), view.getUint32(60, true)],
  };
}

export const infoRequests: Topic = {
  title: 'PORT_INFO_GET and POOLS_INFO_GET',
  rules: {
    'tell of a port that is open': (t, lab) => {
      const { memId, memSize } = lab.port('a', PORTS);
      const info = { errno: 0, memSize, memId, hostTxRings: 0, hostRxRings: 0, ...PORTS };
      t.strictSame(lab.portInfo(`${lab.vale}:a`), info);
      t.strictSame(lab.portInfo(`${lab.vale}:a`, 1), info, 'memory id 1 does not insist');
      t.strictSame(pools(lab, `${lab.vale}:a`), {
        errno: 0,
        memSize,
        memId,
        interfaces: [0, 12, 1024],
        ...lab.by('region-room', {
          kernel: { rings: [12288, 23, 20480], buffers: [483328, 4098, lab.bufSize] },
          engine: { rings: [12288, 50, 20480], buffers: [1036288, 5122, lab.bufSize] },
        }),
      });
    },

    'tell of a port that is not there what it would be': (t, lab) => {
      const info = lab.portInfo(`${lab.vale}:zz`);
      t.match(info, { errno: 0, txSlots: 1024, rxSlots: 1024, txRings: 1, rxRings: 1 });
      t.equal(info.memSize, lab.memSize(42369024, 20482));
      t.ok(info.memId >= 2);
      t.strictSame(pools(lab, `${lab.vale}:zz`), {
        errno: 0,
        memSize: info.memSize,
        memId: info.memId,
        interfaces: [0, 12, 1024],
        rings: [12288, 20, 20480],
        buffers: [421888, 20482, lab.bufSize],
      });
      t.equal(lab.register(`${lab.vale}:zz`).out.memId, info.memId);
    },

    'tell of the region for an empty name': (t, lab) => {
      const { memId, memSize } = lab.port('a');
      const global = { errno: 0, memId: 1, memSize: lab.memSize(343019520, 163840), txRings: 0, rxRings: 0 };
      t.match(lab.portInfo(''), { ...global, txSlots: 0, rxSlots: 0 });
      t.match(lab.portInfo('', 1), global);
      t.match(lab.portInfo('', memId), { errno: 0, memId, memSize, txSlots: 0 });
      t.equal(lab.portInfo('', 777).errno, EINVAL);
      t.equal(pools(lab, '').errno, ENXIO, 'for pools a name is needed');
    },

    'refuse what does not exist': (t, lab) => {
      lab.port('a');
      t.equal(lab.portInfo('nosuch0').errno, ENXIO);
      t.equal(pools(lab, 'nosuch0').errno, ENXIO);
      t.equal(lab.portInfo(`${lab.vale}:a`, 777).errno, EINVAL);
      t.equal(lab.portInfo('vale0').errno, ENOMEM);
    },

    'tell of pipes, absent ones too': (t, lab) => {
      const parent = lab.port('a', { txSlots: 64, rxSlots: 128 });
      t.match(lab.portInfo(`${lab.vale}:a{1`), {
        errno: 0,
        memId: parent.memId,
        txSlots: 64,
        rxSlots: 128,
        txRings: 1,
        rxRings: 1,
      });
      lab.pipe({ txRings: 2, rxRings: 3, txSlots: 64, rxSlots: 128 });
      t.match(lab.portInfo(`${lab.parent}{q`), { errno: 0, ...PORTS });
      t.match(lab.portInfo(`${lab.parent}}q`), { errno: 0, txRings: 3, rxRings: 2, txSlots: 128, rxSlots: 64 });
      t.equal(lab.portInfo(`${lab.parent}{zz`).errno, 0);
    },

    'leave a registered descriptor alone': (t, lab) => {
      const { native } = lab.register(`${lab.vale}:a`);
      t.equal(native.control(inside.REQ.PORT_INFO_GET, `${lab.vale}:a`, new inside.PortInfoBody().bytes, []), null);
      t.equal(native.txSync(), 0);
    },
  },
};
