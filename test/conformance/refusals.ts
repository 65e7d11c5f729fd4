import { inside } from '../support/library';
import { NOTHING, type Lab } from './lab';
import type { Topic } from './scenario';

const [ENXIO, ENOMEM, EBUSY, EINVAL, EOPNOTSUPP] = [6, 12, 16, 22, 95];

function errors(lab: Lab, wanted: [string, number][]): [string, number][] {
  return wanted.map(([name]) => {
    const { native, errno } = lab.register(name, { txSlots: 8, rxSlots: 8 });
    native.close();
    return [name, errno];
  });
}

export const refusals: Topic = {
  title: 'what is refused, and how',
  rules: {
    names: (t, lab) => {
      const { vale } = lab;
      const short = `vale${process.pid.toString(36)}`;
      const wanted: [string, number][] = [
        ['', ENXIO],
        ['vale0', ENOMEM],
        ['vale', ENOMEM],
        [`${vale}:`, 0],
        [`${vale}:a:b`, 0],
        [`${vale}:a b`, 0],
        [`${vale}:a*`, 0],
        [`vale_x:a`, 0],
        ['vale-a:b', ENOMEM],
        ['vale.x:a', ENOMEM],
        ['VALE0:a', ENXIO],
        ['nosuch99', ENXIO],
        ['netmap:x', ENXIO],
        [`${vale}:${'p'.repeat(15)}`, 0],
        [`${vale}:${'p'.repeat(16)}`, ENOMEM],
        [`${short.padEnd(15, 'x')}:a`, 0],
        [`${short.padEnd(16, 'x')}:a`, ENOMEM],
      ];
      t.strictSame(errors(lab, wanted), wanted);
    },

    'names of pipes': (t, lab) => {
      const p = lab.parent;
      const wanted: [string, number][] = [
        ['{q', EINVAL],
        ['}q', EINVAL],
        [`${p}{`, EINVAL],
        [`${p}}`, EINVAL],
        [`${lab.vale}:a{`, EINVAL],
        ['vale{1', ENOMEM],
        [`${p}{q{r`, 0],
        [`${p}{q}r`, 0],
        [`${p}}q{r`, 0],
        [`${lab.vale}:{1`, 0],
        [`${p}{${'i'.repeat(63 - p.length - 1)}`, 0],
        [`${'p'.repeat(16)}{q`, ENXIO],
      ];
      t.strictSame(errors(lab, wanted), wanted);
    },

    modes: (t, lab) => {
      for (const mode of [0, 2, 3, 5, 6, 8, 9, 10, 11, 17]) {
        t.equal(lab.register(`${lab.vale}:a`, { mode }).errno, EINVAL, `mode ${mode}`);
      }
      t.equal(lab.register(`${lab.vale}:a`, { mode: 4, ringId: 1 }).errno, EINVAL, 'a ring that is not there');
      t.equal(lab.register(`${lab.vale}:a`, { mode: 1, ringId: 5 }).errno, 0, 'all rings: the ring is not looked at');
    },

    'a second registration on one descriptor': (t, lab) => {
      const { native } = lab.register(`${lab.vale}:a`);
      const body = new inside.RegisterBody({ ...NOTHING, mode: 1 });
      t.equal(native.control(inside.REQ.REGISTER, `${lab.vale}:b`, body.bytes, [])?.errno, EBUSY);
    },

    'a refused registration leaves the request as it was, and the descriptor usable': (t, lab) => {
      lab.port('a', { exclusive: true });
      const native = lab.descriptor();
      const body = new inside.RegisterBody({ ...NOTHING, txRings: 40 });
      const before = [...body.bytes];
      t.equal(native.control(inside.REQ.REGISTER, `${lab.vale}:a`, body.bytes, [])?.errno, EBUSY);
      t.strictSame([...body.bytes], before);
      t.equal(native.control(inside.REQ.REGISTER, `${lab.vale}:b`, body.bytes, []), null);
    },

    'versions of the request': (t, lab) => {
      const ask = (version: number) => {
        const failure = lab
          .descriptor()
          .control(inside.REQ.PORT_INFO_GET, '', new inside.PortInfoBody().bytes, [], version);
        return failure?.errno ?? 0;
      };
      t.strictSame([12, 13, 14, 15, 16, 17].map(ask), [EINVAL, EINVAL, 0, 0, EINVAL, EINVAL]);
    },

    'requests without a body, and requests that do not exist': (t, lab) => {
      const { REGISTER, PORT_INFO_GET, POOLS_INFO_GET, VALE_LIST } = inside.REQ;
      for (const type of [REGISTER, PORT_INFO_GET, POOLS_INFO_GET, VALE_LIST]) {
        t.equal(lab.descriptor().control(type, `${lab.vale}:a`, null, [])?.errno, EINVAL, `request ${type}`);
      }
      for (const type of [0, 16, 99]) {
        t.equal(lab.descriptor().control(type, `${lab.vale}:a`, new Uint8Array(64), [])?.errno, EINVAL, `${type}`);
      }
    },

    'options: what is not known is refused with a registration, and told by its status with a query': (t, lab) => {
      const { REGISTER, PORT_INFO_GET } = inside.REQ;
      const ask = (type: number, request: Uint8Array, option: number) => {
        const bytes = new Uint8Array(24);
        const view = new DataView(bytes.buffer);
        view.setUint32(8, option, true);
        const failure = lab.descriptor().control(type, `${lab.vale}:a`, request, [bytes]);
        return [failure?.errno ?? 0, view.getUint32(12, true)];
      };
      const registration = () => new inside.RegisterBody({ ...NOTHING, mode: 1 }).bytes;
      t.strictSame(ask(PORT_INFO_GET, new inside.PortInfoBody().bytes, 77), [0, EOPNOTSUPP]);
      t.strictSame(ask(PORT_INFO_GET, new inside.PortInfoBody().bytes, 0), [EINVAL, EINVAL]);
      t.strictSame(ask(REGISTER, registration(), 0), [EINVAL, EINVAL]);
      t.strictSame(ask(REGISTER, registration(), 77), [EOPNOTSUPP, EOPNOTSUPP]);
    },

    'a descriptor with no port': (t, lab) => {
      const native = lab.descriptor();
      t.equal(native.txSync(), ENXIO);
      t.equal(native.rxSync(), ENXIO);
      t.strictSame(
        [0, 1, 4, 5].map((events) => native.poll(events, 0)),
        [8, 8, 8, 8],
      );
      t.match(native.map(4096), { errno: EINVAL });
    },

    interfaces: (t, lab) => {
      t.equal(lab.portInfo('lo').errno, lab.by('host-rings', { kernel: 0, engine: ENXIO }));
    },

    'a ninth switch': (t, lab) => {
      const results: string[] = [];
      for (let i = 0; i < 9; i++) {
        try {
          lab.open(`${lab.vale}${i}:a`);
          results.push('ok');
        } catch (error) {
          results.push((error as { code: string }).code);
        }
      }
      t.equal(results[0], 'ok');
      t.equal(results[8], 'ENOMEM');
    },
  },
};
