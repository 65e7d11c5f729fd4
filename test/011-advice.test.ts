import t from 'tap';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import './folder';

const load = createRequire(__filename);
const { explainNoMemory } = load('../../lib/planner') as typeof import('../lib/planner');
const { systemError } = load('../../lib/system-error') as typeof import('../lib/system-error');
const { readSpec } = load('../../lib/spec') as typeof import('../lib/spec');

/** A kernel whose region has the given pools, by default those of netmap's region 1. */
function kernel(
  { memId = 1, rings = 200, ringSize = 36864, buffers = 163840, refuses = false } = {},
  asked = /^eth0$/,
) {
  return {
    control(type: number, name: string, body: Uint8Array) {
      t.equal(type, 12);
      t.match(name, asked);
      if (refuses) return { errno: 22, call: 'NIOCCTRL', detail: '' };
      new Uint16Array(body.buffer)[4] = memId;
      new Uint32Array(body.buffer).set([100, 1024], 6);
      new Uint32Array(body.buffer).set([rings, ringSize], 10);
      new Uint32Array(body.buffer).set([buffers], 14);
      return null;
    },
  } as never;
}

t.test('out of memory: which limit, and how to raise it', async (t) => {
  const ask = (limits: object, options: object) => explainNoMemory(kernel(limits), readSpec('netmap:eth0', options));
  t.match(ask({}, { rxSlots: 4096 }), /ring of 4096 slots takes 65792 bytes.* 65792 to .*parameters\/ring_size/);
  t.match(ask({ memId: 7 }, { txSlots: 4096 }), /region 7.*parameters\/priv_ring_size/);
  t.match(ask({ rings: 20 }, { txRings: 16, rxRings: 16 }), /32 rings are needed.* has 20.*ring_num/);
  t.match(ask({ buffers: 1000 }, {}), /2048 buffers are needed.* has 1000.*buf_num/);
  t.match(ask({ buffers: 4000 }, { extraBuffers: 5000 }), /7048 buffers.*buf_num/);
  t.match(ask({ buffers: 2049 }, {}), /2048 buffers are needed.* has 2049.* 2050 to/, 'two are reserved');
  t.match(ask({ rings: 1, buffers: 9 }, { rxSlots: 4096 }), /ring_size; .*ring_num; .*buf_num; that takes effect/);
  t.match(
    ask({ rings: 400 }, { txRings: 150, rxRings: 150 }),
    /interface.*room for 1024: write at least 2472 to .*if_size/,
  );
  t.match(ask({}, {}), /room for 100 open ports, 200 rings and 163840 buffers, part of which others have/);
  t.equal(ask({ refuses: true }, { rxSlots: 4096 }), undefined);
  t.match(
    explainNoMemory(kernel({ rings: 4 }, /^p\{1$/), readSpec('netmap:p{1', { txRings: 2 })),
    /6 rings are needed/,
    'both ends of a pipe',
  );
  t.match(
    explainNoMemory(kernel({}, /^vale\w+:a$/), readSpec('null:', { txSlots: 4096 })),
    /65792 to .*ring_size/,
    'a null port is asked about by way of a switch',
  );
  t.equal(
    explainNoMemory(kernel(), readSpec('vale0:a', { txSlots: 4096 })),
    undefined,
    'a switch port has all it needs',
  );
});

t.test('every errno that opening may give on the kernel says what to do', async (t) => {
  const { EACCES, EBUSY, EINVAL, EIO, ENOENT, ENOMEM, ENXIO, EOPNOTSUPP, EPERM } = constants.errno;
  for (const number of [ENOENT, EACCES, EPERM, ENXIO]) {
    t.ok(systemError('opening', number, { port: 'p', device: 'kernel', call: 'open' }).hint, `open ${number}`);
  }
  for (const number of [ENXIO, EINVAL, EBUSY, EIO, ENOMEM, EOPNOTSUPP]) {
    t.ok(systemError('opening', number, { port: 'p', device: 'kernel', call: 'NIOCCTRL' }).hint, `register ${number}`);
  }
  t.ok(systemError('syncing', EIO, { port: 'p', device: 'kernel', call: 'NIOCTXSYNC' }).hint);
});

t.test('a wrong version has a code of its own and names both', async (t) => {
  const error = systemError('opening', constants.errno.EPROTO, {
    port: 'p',
    device: 'kernel',
    call: 'version',
    detail: 'the netmap module speaks API 11, this library API 14',
  });
  t.equal(error.code, 'ERR_NETMAP_VERSION');
  t.match(error.message, /11.*14/);
  t.ok(error.hint);
});
