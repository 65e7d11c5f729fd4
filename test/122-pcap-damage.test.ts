import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { NetmapError, PcapReader } from 'node-netmap';
import { hex } from './frames';
import { classic, joined, Section } from './make-capture';

/** Reads to the end or to the damage. */
function read(file: Uint8Array): { packets: string[]; error?: NetmapError } {
  const packets: string[] = [];
  try {
    for (const packet of PcapReader.from(file, 'made')) packets.push(Buffer.from(packet.data).toString('hex'));
    return { packets };
  } catch (error) {
    if (!(error instanceof NetmapError) || error.code !== 'ERR_NETMAP_CAPTURE') throw error;
    return { packets, error };
  }
}

const PACKETS = [hex('010203'), hex('0a0b0c0d0e0f'), new Uint8Array(0), hex('ff')].map((data) => ({ data }));

t.test('a classic capture cut off at every byte', async (t) => {
  const file = classic(PACKETS, { little: false });
  // Offsets at which a packet is complete.
  const ends = [24];
  for (const { data } of PACKETS) ends.push((ends.at(-1) ?? 0) + 16 + data.length);
  for (let length = 0; length <= file.length; length++) {
    const { packets, error } = read(file.subarray(0, length));
    t.equal(packets.length, Math.max(0, ends.filter((end) => end <= length).length - 1), `${length} bytes: packets`);
    t.equal(error === undefined, ends.includes(length), `${length} bytes: damage`);
    if (error === undefined) continue;
    const start = length < 24 ? 0 : Math.max(...ends.filter((end) => end <= length));
    t.equal(error.position, start, `${length} bytes: position`);
    t.match(error.message, /^made: byte \d+: .*expected .*found/);
  }
});

t.test('a pcapng capture cut off at every byte', async (t) => {
  const section = new Section();
  const ends = [section.done().length];
  const end = (): void => void ends.push(section.done().length);
  section.interface(1, 0, [[2, Buffer.from('eth0')]]);
  end();
  section.packet(PACKETS[0]);
  end();
  section.block(0xbad, hex('0102030405060708'));
  end();
  section.simple(PACKETS[1].data);
  end();
  const file = joined(section.done(), new Section(false).done());
  ends.push(file.length);
  for (let length = 0; length <= file.length; length++) {
    const { packets, error } = read(file.subarray(0, length));
    const expected = (length >= ends[2] ? 1 : 0) + (length >= ends[4] ? 1 : 0);
    t.equal(packets.length, expected, `${length} bytes: packets`);
    t.equal(error === undefined, ends.includes(length), `${length} bytes: damage`);
    if (error !== undefined) t.match(error.message, /^made: byte \d+: .*expected .*found/);
  }
});

t.test('lengths that are no lengths', async (t) => {
  const check = (file: Uint8Array, packets: number, position: number, words: RegExp): void => {
    const result = read(file);
    t.equal(result.packets.length, packets, String(words));
    t.equal(result.error?.position, position, String(words));
    t.match(result.error?.message, words);
  };
  const long = joined(classic([PACKETS[0]]), hex('00000000 00000000 ffffffff ffffffff'), new Uint8Array(100));
  check(long, 1, 24 + 19 + 8, /packet 2 claims a length of 4294967295, expected at most 262144/);
  const huge = joined(classic([], { snaplen: 0xffffffff }), hex('00000000 00000000 ffffffff ffffffff'));
  check(huge, 0, 24 + 8, /expected at most 134217728/);

  const head = new Section().interface().packet(PACKETS[0]).done();
  check(joined(head, hex('06000000 0b000000 00000000')), 1, head.length + 4, /block length of at least 32/);
  check(joined(head, hex('06000000 21000000'), new Uint8Array(60)), 1, head.length + 4, /multiple of 4, found 33/);
  check(joined(head, hex('06000000 f0ffffff'), new Uint8Array(60)), 1, head.length + 4, /at most \d+ bytes, found/);
  check(joined(head, hex('01000000 10000000 00000000 10000000')), 1, head.length + 4, /at least 20/);
  check(joined(head, hex('ad0b0000 f0ffffff'), new Uint8Array(60)), 1, head.length, /a block of 4294967280 bytes/);

  const wrongEnd = new Section().interface().packet(PACKETS[0]).done();
  wrongEnd[wrongEnd.length - 4] ^= 4;
  check(wrongEnd, 0, wrongEnd.length - 4, /block length 36 again, found 32/);
  const other = new Section().interface().packet(PACKETS[0]).block(0xbad, hex('00')).done();
  other[other.length - 4] = 0;
  check(other, 1, other.length - 4, /block length 16 again, found 0/);

  const section = new Section().interface();
  const body = section.bytes().u32(0, 0, 0, 5, 5).raw(hex('01020304'));
  const start = section.done().length;
  check(
    section.block(6, body.done()).done(),
    0,
    start + 28,
    /at most 4 bytes of packet in this block, found a length of 5/,
  );
});

t.test('packets of interfaces that nobody described', async (t) => {
  const none = read(new Section().packet(PACKETS[0]).done());
  t.match(none.error?.message, /interface described before \(0 so far\), found 0/);
  t.match(read(new Section().simple(PACKETS[0].data).done()).error?.message, /0 so far/);
  const second = joined(new Section().interface().packet(PACKETS[0]).done(), new Section().packet(PACKETS[0]).done());
  const result = read(second);
  t.equal(result.packets.length, 1, 'interfaces end with their section');
  t.match(result.error?.message, /0 so far/);
  t.match(read(new Section().interface().old(PACKETS[0], 7).done()).error?.message, /1 so far\), found 7/);
});

t.test('headers that contradict themselves', async (t) => {
  const check = (file: Uint8Array, position: number, words: RegExp): void => {
    const { error } = read(file);
    t.equal(error?.position, position, String(words));
    t.match(error?.message, words);
  };
  check(classic([], { version: [1, 0] }), 4, /expected version 2.4, found 1.0/);
  check(classic([], { version: [2, 3] }), 4, /expected version 2.4, found 2.3/);
  check(classic([], { version: [2, 3] }), 4, /editcap/);
  const section = new Section().done();
  const changed = (at: number, value: number): Uint8Array =>
    Uint8Array.from(section, (byte, index) => (index === at ? value : byte));
  check(changed(8, 0), 8, /byte order mark/);
  check(changed(12, 2), 12, /version 1 of the format, found 2/);
  check(changed(4, 24), 4, /section header of at least 28 bytes/);
});

t.test('after damage each call throws the same error', async (t) => {
  const reader = PcapReader.from(classic(PACKETS).subarray(0, 60));
  t.equal(reader.next()?.capturedLength, 3);
  const errors = [0, 1].map(() => {
    try {
      return reader.next();
    } catch (error) {
      return error;
    }
  });
  t.type(errors[0], NetmapError);
  t.equal(errors[0], errors[1]);
  reader.close();
});

t.test('foreign files are called by their name', async (t) => {
  const check = (file: Uint8Array, words: RegExp): void => {
    t.match(read(file).error?.message, words);
    t.equal(read(file).error?.position, 0);
  };
  check(hex('28b52ffd 00000000'), /zstd -dc made/);
  check(hex('fd377a58 5a000000'), /xz -dc made/);
  check(Buffer.from('BZh91AY&SY'), /bzip2 -dc made/);
  check(hex('04224d18 00000000'), /lz4 -dc made/);
  check(hex('504b0304 00000000'), /a zip archive/);
  check(hex('34cdb2a1 00000000'), /modified pcap format; editcap/);
  check(hex('a1b2cd34 00000000'), /modified pcap format; editcap/);
  check(hex('736e6f6f70000000 00000002'), /snoop/);
  check(Buffer.from('GMBU....'), /Network Monitor/);
  check(Buffer.from('TRSNIFF data    \x1a'), /Sniffer/);
  check(new Uint8Array(0), /an empty file/);
  check(Buffer.from('hello'), /starts with 68 65 6c 6c 6f;/);
  check(hex('d4c3'), /starts with d4 c3;/);
});

t.test('files that are not there', async (t) => {
  const folder = t.testdir();
  const missing = join(folder, 'missing.pcap');
  t.throws(() => PcapReader.open(missing), { name: 'NetmapError', code: 'ENOENT', syscall: 'open' });
  t.throws(() => PcapReader.open(missing), new RegExp(`cannot open .*missing.pcap: no such file`));
  mkdirSync(join(folder, 'folder'));
  t.throws(() => PcapReader.open(join(folder, 'folder')), { name: 'NetmapError', code: 'EISDIR', message: /folder/ });
  writeFileSync(join(folder, 'empty'), '');
  t.throws(() => PcapReader.open(join(folder, 'empty')), {
    code: 'ERR_NETMAP_CAPTURE',
    message: /empty: byte 0: .*an empty file/,
  });
  t.throws(() => PcapReader.open(5 as unknown as string), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => PcapReader.from('x' as unknown as Uint8Array), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
});
