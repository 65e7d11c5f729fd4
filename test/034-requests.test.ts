import t from 'tap';
import { vale as valeName } from './folder';
import { getPortHeader, open, poolsInfo, portInfo, probe, regionInfo, setPortHeader, vale } from 'node-netmap';
import { codeOf, GARBAGE } from './throws';

const { device } = probe();
const unique = process.pid.toString(36);
const sw = valeName('').slice(0, -1);

t.test('portInfo, regionInfo, poolsInfo', async (t) => {
  using port = open(valeName('a'), { txRings: 2, rxRings: 3, txSlots: 64, rxSlots: 128 });
  const { memId, memSize } = port;
  t.strictSame(portInfo(valeName('a')), {
    device,
    memId,
    memSize,
    txRings: 2,
    rxRings: 3,
    txSlots: 64,
    rxSlots: 128,
    hostTxRings: 0,
    hostRxRings: 0,
  });
  t.strictSame(portInfo({ name: valeName('a') }).memId, memId);
  t.equal(portInfo(valeName('a-1/x')).memId, memId, 'what the name says besides does not matter');
  t.strictSame(regionInfo(memId), { device, memId, memSize });
  t.equal(regionInfo().memId, 1);
  const pools = poolsInfo(valeName('a'));
  t.match(pools, { device, memId, memSize, interfaces: { offset: 0 }, buffers: { size: port.bufSize } });
  t.equal(pools.rings.offset, pools.interfaces.count * pools.interfaces.size);
  t.ok(pools.rings.size >= 256 + 16 * 128);
  t.ok(pools.buffers.offset + pools.buffers.count * pools.buffers.size <= memSize);
});

t.test('what they refuse', async (t) => {
  t.equal(
    codeOf(() => portInfo('netmap:nosuch99')),
    'ENXIO',
  );
  t.equal(
    codeOf(() => portInfo('eth0')),
    'ERR_NETMAP_NAME',
  );
  t.equal(
    codeOf(() => portInfo(valeName('a'), { memId: 777 })),
    'EINVAL',
  );
  t.equal(
    codeOf(() => regionInfo(777)),
    'EINVAL',
  );
  t.throws(() => regionInfo(777), { message: /memory region 777/ });
  t.equal(
    codeOf(() => regionInfo(0)),
    'ERR_OUT_OF_RANGE',
  );
  t.equal(
    codeOf(() => poolsInfo({ name: '' })),
    'ERR_INVALID_ARG_VALUE',
  );
  t.equal(
    codeOf(() => portInfo(valeName('a'), { device: 'card' as never })),
    'ERR_INVALID_ARG_VALUE',
  );
  t.equal(
    codeOf(() => portInfo(valeName('a'), { mem: 1 } as never)),
    'ERR_INVALID_ARG_VALUE',
  );
});

t.test('switches and what is on them', async (t) => {
  using port = open(valeName('a'));
  using other = open(valeName('b'));
  const mine = vale.list().filter(({ switchName }) => switchName === sw);
  t.strictSame(
    mine.map(({ name, portName, portIndex }) => [name, portName, portIndex]),
    [
      [valeName('a'), 'a', 0],
      [valeName('b'), 'b', 1],
    ],
  );
  for (const { name, switchName, portName } of vale.list()) t.equal(name, `${switchName}:${portName}`);
  const { switchIndex } = mine[0]!;
  t.strictSame(vale.find(valeName('b')), { switchIndex, portIndex: 1 });
  t.strictSame(vale.find(valeName('none')), { switchIndex, portIndex: null });
  t.equal(vale.find(`vale${unique}no:a`), null);
  t.equal(
    codeOf(() => vale.find('eth0')),
    'EINVAL',
  );
  t.ok(port && other);
});

t.test('persistent ports', async (t) => {
  const name = `p${unique}`.slice(0, 15);
  const place = `${sw}:${name}`;
  vale.newif(name, { txRings: 2, rxRings: 1, txSlots: 64, rxSlots: 32 });
  t.equal(
    codeOf(() => vale.newif(name)),
    'EEXIST',
  );
  t.match(portInfo({ name }), { txRings: 2, rxRings: 1, txSlots: 64, rxSlots: 32 });
  const index = vale.attach(place);
  t.equal(vale.find(place)?.portIndex, index);
  t.equal(
    codeOf(() => vale.attach(place)),
    'EBUSY',
  );
  t.equal(
    codeOf(() => vale.delif(name)),
    'EBUSY',
  );
  t.equal(vale.detach(place), index);
  t.equal(
    codeOf(() => vale.detach(place)),
    'ENXIO',
  );
  vale.delif(name);
  t.equal(
    codeOf(() => vale.delif(name)),
    'ENXIO',
  );
});

t.test('polling is for network cards', async (t) => {
  using port = open(valeName('a'));
  t.equal(
    codeOf(() => vale.enablePolling(port.name)),
    'EOPNOTSUPP',
  );
  t.equal(
    codeOf(() => vale.disablePolling(port.name)),
    'EOPNOTSUPP',
  );
  t.equal(
    codeOf(() => vale.enablePolling(valeName('none'))),
    'ENXIO',
  );
  t.equal(
    codeOf(() => vale.enablePolling(port.name, { mode: 'all' as never })),
    'ERR_INVALID_ARG_VALUE',
  );
  t.equal(
    codeOf(() => vale.enablePolling(port.name, { cpus: 0 })),
    'ERR_OUT_OF_RANGE',
  );
});

t.test('virtio-net headers', async (t) => {
  using port = open(valeName('a'), { acceptVnetHdr: true });
  t.equal(getPortHeader(port.name), 0);
  for (const length of [12, 10, 0] as const) {
    setPortHeader(port.name, length);
    t.equal(getPortHeader(port.name), length);
  }
  t.equal(
    codeOf(() => setPortHeader(port.name, 11 as never)),
    'ERR_OUT_OF_RANGE',
  );
  t.equal(
    codeOf(() => setPortHeader(valeName('none'), 12)),
    'ENXIO',
  );
  t.equal(
    codeOf(() => getPortHeader(valeName('none'))),
    'ENXIO',
  );
});

t.test('garbage is named', async (t) => {
  const calls: ((value: never) => unknown)[] = [
    portInfo,
    poolsInfo,
    vale.find,
    vale.newif,
    vale.delif,
    vale.attach,
    vale.detach,
    vale.enablePolling,
    vale.disablePolling,
    getPortHeader,
  ];
  for (const call of calls) {
    for (const value of GARBAGE) {
      if (typeof value === 'string' && value !== '') continue;
      t.match(
        codeOf(() => call(value as never)),
        /^ERR_/,
        call.name,
      );
    }
    t.match(
      codeOf(() => call('vale0:a\0b' as never)),
      /^(ERR_|ENXIO|EINVAL|ENOMEM)/,
    );
    t.match(
      codeOf(() => call('x'.repeat(64) as never)),
      /^ERR_/,
    );
  }
});
