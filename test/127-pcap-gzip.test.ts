import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { createCapture, PcapngWriter, PcapReader, PcapWriter, type CaptureWriter, type NetmapError } from 'node-netmap';
import { classic } from './make-capture';
import { Random } from './random';

const random = new Random(11);
/** About 3 MB: more than one buffer, and more than one chunk when it is packed. */
const packets = Array.from({ length: 2000 }, (_, n) => ({
  data: n % 2 === 0 ? random.bytes(1500) : new Uint8Array(1500).fill(n),
  time: [n, 0] as [number, number],
}));
const plain = classic(packets);
const packed = gzipSync(plain);

/** Reads all that can be read: packets, and the error at the end. */
function readAll(reader: PcapReader) {
  let count = 0;
  try {
    for (const packet of reader) {
      if (Buffer.compare(packet.data, packets[count].data) !== 0) throw new Error(`packet ${count} differs`);
      count++;
    }
    return { count };
  } catch (error) {
    return { count, error: error as NetmapError };
  }
}

t.test('a gzip’ed file is read as the plain one is', async (t) => {
  const path = join(t.testdir(), 'some.pcap.gz');
  writeFileSync(path, packed);
  const reader = PcapReader.open(path);
  t.ok(reader.progress! < 1);
  t.strictSame(readAll(reader), { count: 2000 });
  t.equal(reader.position, plain.length);
  t.strictSame(readAll(PcapReader.from(packed)), { count: 2000 });
});

t.test('members one behind the other', async (t) => {
  const half = 1_000_003;
  const members = Buffer.concat([
    gzipSync(plain.subarray(0, half)),
    gzipSync(new Uint8Array(0)),
    gzipSync(plain.subarray(half)),
  ]);
  t.strictSame(readAll(PcapReader.from(members)), { count: 2000 });
});

t.test('a file that is cut off gives what it has, then an error', async (t) => {
  for (const left of [packed.length - 1, packed.length - 9, 700_000, 100]) {
    const { count, error } = readAll(PcapReader.from(packed.subarray(0, left), 'cut.gz'));
    t.match(error, { code: 'ERR_NETMAP_CAPTURE', message: /cut\.gz: byte \d+: .*(gzip|cut off)/ }, `${left} bytes`);
    t.ok(left < 1000 || count > 500, `${count} packets of ${left} bytes`);
  }
  t.throws(() => PcapReader.from(packed.subarray(0, 12), 'short.gz'), { code: 'ERR_NETMAP_CAPTURE' });
});

t.test('damage inside', async (t) => {
  for (const at of [200, 500_000, packed.length - 6]) {
    const bad = Buffer.from(packed);
    bad[at] ^= 0xff;
    const { error } = readAll2(bad);
    t.equal(error?.code, 'ERR_NETMAP_CAPTURE', `a wrong byte at ${at}`);
  }
  t.throws(() => PcapReader.from(gzipSync(Buffer.from('hello there, this is no capture')), 'text.gz'), {
    code: 'ERR_NETMAP_CAPTURE',
    message: /expected a pcap or pcapng capture/,
  });
});

/** As above, but the bytes may differ where the damage is. */
function readAll2(bytes: Uint8Array): { error?: NetmapError } {
  try {
    const reader = PcapReader.from(bytes);
    while (reader.next());
    return {};
  } catch (error) {
    return { error: error as NetmapError };
  }
}

t.test('progress goes from 0 to 1', async (t) => {
  const folder = t.testdir();
  for (const [name, bytes] of [
    ['plain', plain],
    ['packed', packed],
  ] as const) {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    t.equal(readFileSync(path).length, bytes.length);
    const reader = PcapReader.open(path);
    let last = 0;
    while (reader.next() !== null) {
      const { progress = -1 } = reader;
      if (!(progress >= last && progress <= 1)) t.fail(`${name}: ${progress} after ${last}`);
      last = progress;
    }
    t.ok(last > 0.9, `${name}: ${last}`);
  }
});

t.test('writers compress what is called .gz, and what they are told to', async (t) => {
  const folder = t.testdir();
  const cases: [string, (path: string) => CaptureWriter, boolean][] = [
    ['a.pcap.gz', (path) => PcapWriter.create(path), true],
    ['b.pcap', (path) => PcapWriter.create(path, { gzip: true }), true],
    ['c.pcap.gz', (path) => PcapWriter.create(path, { gzip: false }), false],
    ['d.pcapng.gz', (path) => PcapngWriter.create(path), true],
    ['e.pcapng.gz', createCapture, true],
    ['f.pcap', createCapture, false],
  ];
  for (const [name, create, gzip] of cases) {
    const path = join(folder, name);
    const writer = create(path);
    for (const { data, time } of packets) writer.write(data, 0, data.length, data.length, ...time);
    writer.close();
    const bytes = readFileSync(path);
    t.equal(bytes.readUInt16BE(0) === 0x1f8b, gzip, name);
    t.equal(writer.bytes, bytes.length);
    t.equal(writer.packets, packets.length);
    t.strictSame(readAll(PcapReader.open(path)), { count: packets.length });
  }
  const wrong = { gzip: 'yes' as unknown as boolean };
  t.throws(() => PcapWriter.create(join(folder, 'g.pcap'), wrong), { code: 'ERR_INVALID_ARG_TYPE', message: /gzip/ });
  t.throws(() => PcapngWriter.create(join(folder, 'g.pcapng'), wrong), { code: 'ERR_INVALID_ARG_TYPE' });
  t.notOk(existsSync(join(folder, 'g.pcap')));
});

t.test('a full device, compressed', { skip: !existsSync('/dev/full') && 'no /dev/full here' }, async (t) => {
  const writer = PcapWriter.create('/dev/full', { gzip: true });
  writer.write(new Uint8Array(60));
  t.throws(() => writer.flush(), { code: 'ENOSPC', syscall: 'write' });
  t.equal(writer.packets, 0);
  t.equal(writer.bytes, 0);
  writer.close();
});
