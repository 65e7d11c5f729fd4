import t from 'tap';
import { PcapReader } from 'node-netmap';
import { hex } from './frames';
import { classic } from './make-capture';
import { noData, sharedCapture } from './shared-data';

const ONE = hex('010203');
const TWO = hex('0a0b0c0d0e');

for (const little of [true, false]) {
  for (const nanoseconds of [false, true]) {
    t.test(`${little ? 'little' : 'big'}-endian, ${nanoseconds ? 'nano' : 'micro'}seconds`, async (t) => {
      const time: [number, number] = [0xfffffffe, 999_999];
      const packets = [{ data: ONE, time }, { data: TWO, originalLength: 1500 }, { data: new Uint8Array(0) }];
      const file = classic(packets, { little, nanoseconds, linkType: 101, snaplen: 96 });
      const reader = PcapReader.from(file, 'made.pcap');
      t.equal(reader.name, 'made.pcap');
      t.equal(reader.format, 'pcap');
      t.equal(reader.linkType, 101);
      t.equal(reader.snaplen, 96);
      t.strictSame(reader.interfaces, [{ linkType: 101, snaplen: 96 }]);

      const first = reader.next();
      if (first === null) throw new Error('no packet');
      t.strictSame(Uint8Array.from(first.data), ONE);
      t.equal(first.capturedLength, 3);
      t.equal(first.originalLength, 3);
      t.equal(first.seconds, 0xfffffffe);
      t.equal(first.nanoseconds, nanoseconds ? 999_999 : 999_999_000);
      t.equal(first.interfaceId, 0);

      const second = reader.next();
      t.equal(second, first, 'the same object, filled anew');
      t.strictSame(Uint8Array.from(first.data), TWO);
      t.equal(first.originalLength, 1500);
      t.equal(first.seconds, 0);

      t.equal(reader.next()?.capturedLength, 0);
      t.equal(reader.position, file.length);
      t.equal(reader.next(), null);
      t.equal(reader.next(), null, 'and stays at the end');
    });
  }
}

t.test('iteration', async (t) => {
  const file = classic([{ data: ONE }, { data: TWO }, { data: ONE }]);
  t.strictSame([...PcapReader.from(file)].length, 3);
  const lengths: number[] = [];
  const reader = PcapReader.from(file);
  for (const packet of reader) {
    lengths.push(packet.capturedLength);
    if (lengths.length === 2) break;
  }
  for (const packet of reader) lengths.push(packet.capturedLength);
  t.strictSame(lengths, [3, 5, 3], 'goes on where an earlier loop stopped');
});

t.test('a capture without packets', async (t) => {
  const reader = PcapReader.from(classic([]));
  t.equal(reader.linkType, 1);
  t.equal(reader.next(), null);
});

t.test('the upper half of the link type field is for other things', async (t) => {
  t.equal(PcapReader.from(classic([], { linkType: 0x54000001 })).linkType, 1);
});

t.test('a fraction beyond a second is carried, not lost', async (t) => {
  const packet = PcapReader.from(classic([{ data: ONE, time: [10, 2_500_000] }])).next();
  t.equal(packet?.seconds, 12);
  t.equal(packet?.nanoseconds, 500_000_000);
  const nano = PcapReader.from(classic([{ data: ONE, time: [10, 4_294_967_295] }], { nanoseconds: true })).next();
  t.equal(nano?.seconds, 14);
  t.equal(nano?.nanoseconds, 294_967_295);
});

t.test('packets longer than the snaplen are delivered whole; a snaplen of 0 is none', async (t) => {
  const long = new Uint8Array(300).fill(7);
  t.equal(PcapReader.from(classic([{ data: long }], { snaplen: 60 })).next()?.capturedLength, 300);
  t.equal(PcapReader.from(classic([{ data: long }], { snaplen: 0 })).next()?.capturedLength, 300);
});

t.test('views of a capture in memory stay valid', async (t) => {
  const file = classic([{ data: ONE }, { data: TWO }]);
  const views = Array.from(PcapReader.from(file), (packet) => packet.data);
  t.strictSame(
    views.map((view) => [...view]),
    [[...ONE], [...TWO]],
  );
  t.equal(views[0].buffer, file.buffer, 'nothing was copied');
});

t.test('after close there are no packets', async (t) => {
  const reader = PcapReader.from(classic([{ data: ONE }]));
  reader.close();
  reader.close();
  t.equal(reader.next(), null);
});

for (const [file, packets, bytes] of [
  ['afs.pcap', 601, 512276],
  ['mptcp-v0.pcap', 264, 35146],
  ['vrrp.pcap', 165, 13680],
] as const) {
  const path = sharedCapture(file);
  t.test(`real capture ${file}`, { skip: path === undefined && noData(file) }, async (t) => {
    const reader = PcapReader.open(path ?? '');
    t.equal(reader.linkType, 1);
    t.equal(reader.name, path);
    let count = 0;
    let captured = 0;
    for (const packet of reader) {
      count++;
      captured += packet.capturedLength;
      if (packet.originalLength < packet.capturedLength) t.fail(`packet ${count}: lengths`);
      if (packet.seconds < 9e8 || packet.nanoseconds > 999_999_999) t.fail(`packet ${count}: time`);
    }
    t.equal(count, packets);
    t.equal(captured, bytes);
  });
}
