import t from 'tap';
import { PcapReader } from 'node-netmap';
import { hex } from './frames';
import { joined, Section } from './make-capture';
import { Random } from './random';
import { noData, sharedCapture } from './shared-data';

const ONE = hex('010203');
const TWO = hex('0a0b0c0d0e0f1011');

/** What a reader delivers, copied. */
function packetsOf(file: Uint8Array): object[] {
  return Array.from(PcapReader.from(file), (packet) => ({
    data: Buffer.from(packet.data).toString('hex'),
    original: packet.originalLength,
    time: [packet.seconds, packet.nanoseconds],
    on: packet.interfaceId,
  }));
}

/** A time in units, in the halves that a file stores. */
function halves(units: bigint): [number, number] {
  return [Number(units >> 32n), Number(units & 0xffffffffn)];
}

for (const little of [true, false]) {
  t.test(`${little ? 'little' : 'big'}-endian`, async (t) => {
    const file = new Section(little)
      .interface(1, 0, [
        [2, Buffer.from('eth0')],
        [1, Buffer.from('a comment')],
      ])
      .interface(113, 6)
      .packet({ data: ONE, time: halves(1_700_000_000_123_456n) })
      .packet({ data: TWO, originalLength: 100, time: halves(1n) }, 1)
      .old({ data: TWO, time: halves(2_000_001n) }, 1)
      .simple(ONE)
      .done();
    const reader = PcapReader.from(file);
    t.equal(reader.format, 'pcapng');
    t.equal(reader.linkType, 1);
    t.equal(reader.interfaces.length, 1, 'no further than to the first interface');
    t.equal(reader.interfaces[0].name, 'eth0');
    t.strictSame(packetsOf(file), [
      { data: '010203', original: 3, time: [1_700_000_000, 123_456_000], on: 0 },
      { data: '0a0b0c0d0e0f1011', original: 100, time: [0, 1000], on: 1 },
      { data: '0a0b0c0d0e0f1011', original: 8, time: [2, 1000], on: 1 },
      { data: '010203', original: 3, time: [0, 0], on: 0 },
    ]);
    while (reader.next() !== null);
    t.equal(reader.interfaces.length, 2);
    t.equal(reader.interfaces[1].linkType, 113);
    t.equal(reader.interfaces[1].snaplen, 6);
  });
}

t.test('a simple packet is as long as the first interface lets it be', async (t) => {
  const cut = new Section().interface(1, 4).simple(hex('01020304'), 1500).done();
  t.strictSame(packetsOf(cut), [{ data: '01020304', original: 1500, time: [0, 0], on: 0 }]);
});

t.test('several sections, in different byte orders, each with interfaces of its own', async (t) => {
  const file = joined(
    new Section(true).interface(1).packet({ data: ONE }).done(),
    new Section(false).interface(113).interface(101).packet({ data: TWO }, 1).simple(ONE).done(),
    new Section(true).done(),
  );
  t.strictSame(
    packetsOf(file).map((packet) => (packet as { on: number }).on),
    [0, 2, 1],
  );
  const reader = PcapReader.from(file);
  while (reader.next() !== null);
  t.strictSame(
    reader.interfaces.map(({ linkType }) => linkType),
    [1, 113, 101],
  );
});

t.test('other blocks are stepped over, wherever they stand', async (t) => {
  const section = new Section();
  section.block(0x00000bad, section.bytes().raw(new Uint8Array(37)).done());
  section.interface();
  section.block(5, section.bytes().u32(0, 0, 0).done());
  section.packet({ data: ONE });
  section.block(0x80000001, new Uint8Array(0));
  section.packet({ data: TWO });
  section.block(4, hex('00000000'));
  t.equal(packetsOf(section.done()).length, 2);
});

t.test('options behind a packet are not part of it', async (t) => {
  const section = new Section().interface();
  const body = section.bytes().u32(0, 0, 0, 3, 3).raw(ONE).pad().u16(1, 5).raw(Buffer.from('hello')).pad().u16(0, 0);
  t.equal(packetsOf(section.block(6, body.done()).packet({ data: TWO }).done()).length, 2);
});

t.test('times of every resolution', async (t) => {
  const exactly = (resolution: number, units: bigint, offset?: bigint): number[] => {
    const options: [number, Iterable<number>][] = [[9, [resolution]]];
    if (offset !== undefined) options.push([14, new Uint8Array(BigInt64Array.of(offset).buffer)]);
    const file = new Section()
      .interface(1, 0, options)
      .packet({ data: ONE, time: halves(units) })
      .done();
    const packet = PcapReader.from(file).next();
    return [packet?.seconds ?? NaN, packet?.nanoseconds ?? NaN];
  };
  t.strictSame(exactly(9, 1_700_000_000_123_456_789n), [1_700_000_000, 123_456_789]);
  t.strictSame(exactly(9, 0xffffffffffffffffn), [18_446_744_073, 709_551_615]);
  t.strictSame(exactly(6, 999_999n), [0, 999_999_000]);
  t.strictSame(exactly(3, 1500n), [1, 500_000_000]);
  t.strictSame(exactly(0, 77n), [77, 0]);
  t.strictSame(exactly(12, 1_000_000_001_999n), [1, 1]);
  t.strictSame(exactly(0x80 | 10, 1024n + 512n), [1, 500_000_000]);
  t.strictSame(exactly(0x80 | 32, (7n << 32n) + (1n << 30n)), [7, 250_000_000]);
  t.strictSame(exactly(0x7f, 0xffffffffffffffffn), [0, 0]);
  t.strictSame(exactly(0xff, 0xffffffffffffffffn), [0, 0]);
  t.strictSame(exactly(6, 5n, 1_600_000_000n), [1_600_000_000, 5000]);
  t.strictSame(exactly(9, 10_000_000_000n, -3n), [7, 0]);

  const random = new Random(9);
  for (let round = 0; round < 500; round++) {
    const units = (BigInt(random.u32()) << 32n) | BigInt(random.u32());
    const resolution = random.below(10);
    const perSecond = 10n ** BigInt(resolution);
    const [seconds, nanoseconds] = exactly(resolution, units);
    t.equal(seconds, Number(units / perSecond));
    t.equal(nanoseconds, Number((units % perSecond) * (1_000_000_000n / perSecond)));
  }
});

t.test('a damaged option list costs nothing but the options', async (t) => {
  const section = new Section();
  const body = section.bytes().u16(1, 0).u32(0).u16(9, 200).raw([6, 0, 0, 0]);
  const file = section
    .block(1, body.done())
    .packet({ data: ONE, time: [0, 1_000_000] })
    .done();
  t.strictSame(packetsOf(file), [{ data: '010203', original: 3, time: [1, 0], on: 0 }]);
});

t.test('a section without interfaces', async (t) => {
  const reader = PcapReader.from(new Section().done());
  t.equal(reader.linkType, undefined);
  t.equal(reader.snaplen, 0);
  t.equal(reader.next(), null);
});

const real = sharedCapture('bgp-orf.pcapng');
t.test('a real capture', { skip: real === undefined && noData('bgp-orf.pcapng') }, async (t) => {
  const reader = PcapReader.open(real ?? '');
  t.equal(reader.linkType, 113);
  const packet = reader.next();
  t.equal(packet?.capturedLength, 167);
  t.equal(packet?.originalLength, 167);
  t.equal(packet?.seconds, 1661875936);
  t.equal(packet?.nanoseconds, 630_159_000);
  t.equal(reader.next(), null);
});
