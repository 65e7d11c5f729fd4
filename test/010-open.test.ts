import t from 'tap';
import { pipe, vale } from './folder';
import { NetmapError, open, ports, type PortOptions } from 'node-netmap';
import { codeOf } from './throws';

t.test('a switch port', async (t) => {
  const port = open(vale('a'));
  t.teardown(() => port.close());
  t.equal(port.name, vale('a'));
  t.match(port.device, /^(kernel|engine)$/);
  t.equal(port.closed, false);
  t.ok(port.fd >= 0);
  t.ok(port.memId > 0);
  t.ok(port.memSize > 0);
  t.equal(port.u8.length, port.memSize);
  t.equal(port.u8.buffer, port.u32.buffer);
  t.equal(port.txRings.length, 1);
  t.equal(port.rxRings.length, 1);
  const [tx] = port.txRings;
  const [rx] = port.rxRings;
  t.equal(tx.kind, 'tx');
  t.equal(rx.kind, 'rx');
  t.equal(tx.id, 0);
  t.equal(tx.port, port);
  t.equal(tx.numSlots, 1024);
  t.equal(tx.available, 1023);
  t.equal(tx.pending, 0);
  t.equal(rx.available, 0);
  t.equal(tx.bufSize, port.bufSize);
  t.equal(tx.head, 0);
  t.equal(tx.cur, 0);
  t.equal(tx.tail, 1023);
});

t.test('counts by name and by options, options first', async (t) => {
  const named = open(vale('a@conf:tx-rings=2,rx-rings=3,slots=64'));
  t.equal(named.txRings.length, 2);
  t.equal(named.rxRings.length, 3);
  t.strictSame(
    named.rxRings.map((ring) => [ring.id, ring.numSlots]),
    [
      [0, 64],
      [1, 64],
      [2, 64],
    ],
  );
  named.close();
  const port = open(vale('a@conf:rings=2'), { txRings: 1, txSlots: 100, rxSlots: 7 });
  t.equal(port.txRings.length, 1);
  t.equal(port.rxRings.length, 2);
  t.equal(port.txRings[0].numSlots, 100);
  t.equal(port.rxRings[1].numSlots, 7);
  port.close();
});

t.test('structured forms', async (t) => {
  using byName = open({ name: vale('b'), txSlots: 16 });
  t.equal(byName.txRings[0].numSlots, 16);
  using nul = open({ mode: 'null', txRings: 2, rxRings: 0 });
  t.equal(nul.txRings.length, 2);
  t.equal(nul.rxRings.length, 0);
  using one = open({ name: vale('c'), txRings: 3, rxRings: 3, ring: 1 });
  t.strictSame(
    one.txRings.map((ring) => ring.id),
    [1],
  );
});

t.test('one direction only', async (t) => {
  using sender = open(vale('d'), { txOnly: true });
  t.equal(sender.rxRings.length, 0);
  t.equal(sender.txRings.length, 1);
  using receiver = open(vale('e/R'));
  t.equal(receiver.txRings.length, 0);
  t.equal(receiver.rxRings.length, 1);
});

t.test('exclusive', async (t) => {
  using first = open(vale('f/x'));
  t.equal(
    codeOf(() => open(vale('f'))),
    'EBUSY',
  );
  t.ok(first);
});

t.test('both ends of a pipe, and shared memory', async (t) => {
  using a = open(pipe('{', '7'));
  using b = open(pipe('}', '7'));
  using other = open(vale('g'));
  t.equal(a.canSwapWith(b), a.memId === b.memId);
  t.equal(a.canSwapWith(other), false);
  using shared = open(vale('h'), { memId: other.memId });
  t.equal(shared.memId, other.memId);
  t.equal(shared.canSwapWith(other), true);
});

t.test('wrong arguments are refused before anything happens', async (t) => {
  const before = ports().length;
  const wrong: [PortOptions | unknown, string][] = [
    [{ device: 'nic' }, 'ERR_INVALID_ARG_VALUE'],
    [{ mode: 'some' }, 'ERR_INVALID_ARG_VALUE'],
    [{ mode: 'toString' }, 'ERR_INVALID_ARG_VALUE'],
    [{ mode: 'ring' }, 'ERR_INVALID_ARG_VALUE'],
    [{ ring: 1, mode: 'host' }, 'ERR_INVALID_ARG_VALUE'],
    [{ ring: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ ring: '1' }, 'ERR_INVALID_ARG_TYPE'],
    [{ txRings: 65536 }, 'ERR_OUT_OF_RANGE'],
    [{ txRings: 1.5 }, 'ERR_OUT_OF_RANGE'],
    [{ rxSlots: 2 ** 32 }, 'ERR_OUT_OF_RANGE'],
    [{ memId: 65536 }, 'ERR_OUT_OF_RANGE'],
    [{ extraBuffers: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ exclusive: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [{ rxOnly: true, txOnly: true }, 'ERR_INVALID_ARG_VALUE'],
    [{ monitor: true }, 'ERR_INVALID_ARG_TYPE'],
    [{ monitor: { both: true } }, 'ERR_INVALID_ARG_VALUE'],
    [{ name: '' }, 'ERR_INVALID_ARG_VALUE'],
    [{ name: 'x'.repeat(64) }, 'ERR_OUT_OF_RANGE'],
    [{ name: 'a\0b' }, 'ERR_INVALID_ARG_VALUE'],
    [{ txSlot: 5 }, 'ERR_INVALID_ARG_VALUE'],
    [7, 'ERR_INVALID_ARG_TYPE'],
    [null, 'ERR_INVALID_ARG_TYPE'],
  ];
  for (const [options, code] of wrong) {
    t.equal(
      codeOf(() => open(vale('z'), options as PortOptions)),
      code,
      JSON.stringify(options),
    );
  }
  for (const spec of [undefined, null, 5, true, [], Symbol('x'), () => 0]) {
    t.equal(
      codeOf(() => open(spec as never)),
      'ERR_INVALID_ARG_TYPE',
      String(spec),
    );
  }
  t.equal(
    codeOf(() => open({} as never)),
    'ERR_INVALID_ARG_VALUE',
  );
  t.equal(
    codeOf(() => open('eth0')),
    'ERR_NETMAP_NAME',
  );
  t.equal(ports().length, before);
});

t.test('what the device refuses comes with advice', async (t) => {
  try {
    open({ name: 'no-such-if0' });
    t.fail('opened an interface that is not there');
  } catch (error) {
    t.ok(error instanceof NetmapError);
    const { code, errno, syscall, port, hint, message } = error as NetmapError;
    t.equal(code, 'ENXIO');
    t.ok((errno ?? 0) > 0);
    t.ok(syscall);
    t.equal(port, 'no-such-if0');
    t.ok(hint);
    t.ok(message.includes(hint ?? '?'));
  }
  t.equal(
    codeOf(() => open(vale('a'), { ring: 5 })),
    'EINVAL',
  );
  t.equal(
    codeOf(() => open('null:@60000')),
    'EINVAL',
  );
});

t.test('a device that is not there', async (t) => {
  const saved = process.env.NODE_NETMAP_DEVICE;
  t.teardown(() => {
    if (saved === undefined) delete process.env.NODE_NETMAP_DEVICE;
    else process.env.NODE_NETMAP_DEVICE = saved;
  });
  const used = open('null:').device;
  process.env.NODE_NETMAP_DEVICE = used;
  t.equal(open('null:').device, used);
  process.env.NODE_NETMAP_DEVICE = 'carrier pigeon';
  t.equal(
    codeOf(() => open('null:')),
    'ERR_INVALID_ARG_VALUE',
  );
  delete process.env.NODE_NETMAP_DEVICE;
  if (used === 'engine') {
    const code = codeOf(() => open('null:', { device: 'kernel' }));
    t.ok(['ENOENT', 'EACCES', 'ENXIO', 'ENOSYS', 'ERR_NETMAP_VERSION'].includes(code ?? ''), `${code}`);
  }
});

t.test('close', async (t) => {
  const port = open(vale('a'));
  port.close();
  port.close();
  t.equal(port.closed, true);
  t.equal(port.fd, -1);
  t.equal(port.u8.length, 0);
  {
    using again = open(vale('a/x'));
    t.equal(again.closed, false);
  }
  open(vale('a/x')).close();
});
