import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PcapReader, PcapWriter } from 'node-netmap';
import { root } from './child';
import { classic, joined, Section } from './make-capture';
import { Random } from './random';

/** A digest of all packets that doesn't keep any of them. */
function digest(reader: PcapReader): { packets: number; bytes: number; sum: number } {
  let packets = 0;
  let bytes = 0;
  let sum = 0;
  for (let packet = reader.next(); packet !== null; packet = reader.next()) {
    packets++;
    bytes += packet.capturedLength;
    for (let at = 0; at < packet.capturedLength; at++)
      sum = (Math.imul(sum, 31) + packet.bytes[packet.offset + at]) | 0;
  }
  return { packets, bytes, sum };
}

t.test('files of many buffers read as they do in memory', async (t) => {
  const random = new Random(124);
  const folder = t.testdir();
  const packets = Array.from({ length: 2500 }, () => ({ data: random.bytes(random.below(1515)) }));
  const section = new Section().interface();
  const files: [string, Uint8Array][] = [['classic.pcap', classic(packets)]];
  const ng: Uint8Array[] = [section.done()];
  for (let start = 0; start < packets.length; start += 100) {
    const part = new Section(start % 200 === 0).interface();
    for (const packet of packets.slice(start, start + 100)) part.packet(packet);
    ng.push(part.done());
  }
  files.push(['blocks.pcapng', Buffer.concat(ng)]);
  for (const [name, bytes] of files) {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    t.ok(bytes.length > 1.5e6);
    const expected = digest(PcapReader.from(bytes));
    t.equal(expected.packets, 2500);
    t.strictSame(digest(PcapReader.open(path)), expected, name);
    const cut = join(folder, 'cut');
    writeFileSync(cut, bytes.subarray(0, bytes.length - 1));
    const reader = PcapReader.open(cut);
    let count = 0;
    t.throws(
      () => {
        while (reader.next() !== null) count++;
      },
      { code: 'ERR_NETMAP_CAPTURE' },
    );
    t.equal(count, 2499, 'all before the damage');
  }
});

t.test('a packet larger than the buffer', async (t) => {
  const path = join(t.testdir(), 'large.pcap');
  const large = new Random(3).bytes(3_000_000);
  const writer = PcapWriter.create(path, { snaplen: 4_000_000 });
  for (const data of [large.subarray(0, 60), large, large.subarray(100, 1600)]) writer.write(data);
  writer.close();
  const reader = PcapReader.open(path);
  t.equal(reader.next()?.capturedLength, 60);
  const packet = reader.next();
  t.equal(Buffer.compare(packet?.data ?? new Uint8Array(0), large), 0);
  t.equal(reader.next()?.capturedLength, 1500);
  t.equal(reader.next(), null);
});

t.test('a block larger than the buffer is stepped over without being held', async (t) => {
  const path = join(t.testdir(), 'huge.pcapng');
  const file = openSync(path, 'w');
  writeSync(
    file,
    new Section()
      .interface()
      .packet({ data: new Uint8Array(5) })
      .done(),
  );
  const length = 64 << 20;
  const header = new Section().bytes().u32(0xbad, length).done();
  writeSync(file, header);
  const end = joined(
    new Section().bytes().u32(length).done(),
    new Section()
      .interface()
      .packet({ data: new Uint8Array(7) })
      .done(),
  );
  const start = new Section()
    .interface()
    .packet({ data: new Uint8Array(5) })
    .done().length;
  writeSync(file, end, 0, end.length, start + length - 4); // what lies between stays a hole of zeros
  closeSync(file);
  const before = process.memoryUsage().rss;
  const reader = PcapReader.open(path);
  t.equal(reader.next()?.capturedLength, 5);
  t.equal(reader.next()?.capturedLength, 7);
  t.equal(reader.next(), null);
  t.ok(process.memoryUsage().rss - before < length / 2, 'memory');
});

t.test('a pipe', { skip: process.platform === 'win32' && 'needs /dev/stdin' }, async (t) => {
  const random = new Random(7);
  const bytes = classic(Array.from({ length: 200 }, () => ({ data: random.bytes(random.below(1500)) })));
  const path = join(t.testdir(), 'in.pcap');
  writeFileSync(path, bytes);
  const script = `
    let packets = 0, bytes = 0;
    for (const packet of require(${JSON.stringify(root)}).PcapReader.open('/dev/stdin')) {
      packets++;
      bytes += packet.data.length;
    }
    console.log(packets, bytes);`;
  const command = `cat "$2" | "$0" -e "$1"`;
  const child = spawnSync('sh', ['-c', command, process.execPath, script, path], { encoding: 'utf8' });
  const expected = digest(PcapReader.from(bytes));
  t.equal(child.stdout.trim(), `${expected.packets} ${expected.bytes}`, child.stderr);
});
