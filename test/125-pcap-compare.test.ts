import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { comparePackets, NetmapError, PcapReader, PcapWriter } from 'node-netmap';
import { hex } from './frames';
import { classic, Section, type RawPacket } from './make-capture';
import { noData, sharedCapture } from './shared-data';

const PACKETS: RawPacket[] = [{ data: hex('010203') }, { data: hex('0a0b0c0d'), time: [5, 6] }, { data: hex('ff') }];

function changed(index: number, packet: RawPacket): Uint8Array {
  return classic(PACKETS.map((original, at) => (at === index ? packet : original)));
}

t.test('the same packets, whatever the format and the times', async (t) => {
  const section = new Section(false).interface();
  for (const { data } of PACKETS) section.packet({ data, time: [1, 2] });
  const expected = { same: true, packetsA: 3, packetsB: 3, bytesA: 8, bytesB: 8 };
  t.strictSame(comparePackets(classic(PACKETS), classic(PACKETS, { little: false, nanoseconds: true })), expected);
  t.strictSame(comparePackets(classic(PACKETS), section.done()), expected);
  t.strictSame(comparePackets(classic([]), classic([])), {
    same: true,
    packetsA: 0,
    packetsB: 0,
    bytesA: 0,
    bytesB: 0,
  });
});

t.test('differences', async (t) => {
  const difference = (b: Uint8Array, options = {}): object | undefined =>
    comparePackets(classic(PACKETS), b, options).difference;
  t.strictSame(difference(changed(1, { data: hex('0a0bff0d') })), {
    index: 1,
    kind: 'bytes',
    offset: 2,
    lengthA: 4,
    lengthB: 4,
  });
  t.strictSame(difference(changed(0, { data: hex('0102') })), { index: 0, kind: 'length', lengthA: 3, lengthB: 2 });
  const longer = changed(2, { data: hex('ff'), originalLength: 9 });
  t.strictSame(difference(longer), { index: 2, kind: 'original-length', lengthA: 1, lengthB: 9 });
  t.equal(difference(longer, { originalLengths: false }), undefined);
  t.strictSame(difference(classic(PACKETS.slice(0, 2))), { index: 2, kind: 'missing', lengthA: 1 });
  t.strictSame(difference(classic([...PACKETS, { data: hex('77') }])), { index: 3, kind: 'missing', lengthB: 1 });
  const swapped = comparePackets(classic(PACKETS), classic([...PACKETS].reverse()));
  t.strictSame(swapped, {
    same: false,
    packetsA: 3,
    packetsB: 3,
    bytesA: 8,
    bytesB: 8,
    difference: { index: 0, kind: 'length', lengthA: 3, lengthB: 1 },
  });
});

t.test('damage ends a capture, and is told', async (t) => {
  const whole = classic(PACKETS);
  const cut = whole.subarray(0, whole.length - 1);
  const result = comparePackets(cut, classic(PACKETS.slice(0, 2)));
  t.equal(result.same, true, 'the packets before the damage are those');
  t.equal(result.packetsA, 2);
  t.type(result.damageA, NetmapError);
  t.equal(result.damageB, undefined);
  t.match(comparePackets(whole, cut), { same: false, damageB: { code: 'ERR_NETMAP_CAPTURE' } });
});

t.test('files that are none', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'a.pcap');
  writeFileSync(path, classic(PACKETS));
  t.equal(comparePackets(path, path).same, true);
  t.throws(() => comparePackets(path, join(folder, 'b.pcap')), { code: 'ENOENT' });
  writeFileSync(join(folder, 'b.pcap'), 'no capture');
  t.throws(() => comparePackets(path, join(folder, 'b.pcap')), { code: 'ERR_NETMAP_CAPTURE' });
});

for (const file of ['afs.pcap', 'mptcp-v0.pcap', 'vrrp.pcap', 'bgp-orf.pcapng']) {
  const path = sharedCapture(file) ?? '';
  t.test(`a copy of ${file}`, { skip: path === '' && noData(file) }, async (t) => {
    const copy = join(t.testdir(), 'copy.pcap');
    const reader = PcapReader.open(path);
    const writer = PcapWriter.create(copy, { linkType: reader.linkType, nanoseconds: true });
    for (const { bytes, offset, capturedLength, originalLength, seconds, nanoseconds } of reader) {
      writer.write(bytes, offset, capturedLength, originalLength, seconds, nanoseconds);
    }
    writer.close();
    const { same, packetsA, packetsB } = comparePackets(path, copy);
    t.equal(same, true);
    t.equal(packetsA, packetsB);
    const again = PcapReader.open(copy);
    for (const { seconds, nanoseconds } of PcapReader.open(path)) {
      const packet = again.next();
      if (packet?.seconds !== seconds || packet.nanoseconds !== nanoseconds) t.fail('times differ');
    }
  });
}
