import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PcapReader, PcapWriter } from 'node-netmap';
import { root } from './child';
import { hex } from './frames';
import { classic } from './make-capture';
import { Random } from './random';
import { plainNode } from './support/plain-node';

t.test('bytes as they should be', async (t) => {
  const path = join(t.testdir(), 'out.pcap');
  for (const nanoseconds of [false, true]) {
    const writer = PcapWriter.create(path, { linkType: 113, snaplen: 4, nanoseconds });
    t.equal(writer.path, path);
    t.equal(writer.snaplen, 4);
    writer.write(hex('010203'));
    writer.write(hex('00 0a0b0c0d0e0f 00'), 1, 6, 1514, 1_700_000_000, 123_456_789);
    t.equal(writer.packets, 2);
    t.equal(writer.bytes, 24 + 19 + 20);
    writer.close();
    const expected = classic(
      [
        { data: hex('010203') },
        { data: hex('0a0b0c0d'), originalLength: 1514, time: [1_700_000_000, nanoseconds ? 123_456_789 : 123_456] },
      ],
      { nanoseconds, linkType: 113, snaplen: 4 },
    );
    t.strictSame(Uint8Array.from(readFileSync(path)), expected);
  }
});

t.test('defaults', async (t) => {
  const path = join(t.testdir(), 'out.pcap');
  PcapWriter.create(path).close();
  t.strictSame(Uint8Array.from(readFileSync(path)), classic([], { snaplen: 262144 }));
});

t.test('packets are buffered until flush, close or a full buffer', async (t) => {
  const path = join(t.testdir(), 'out.pcap');
  const writer = PcapWriter.create(path);
  writer.write(new Uint8Array(60));
  t.equal(statSync(path).size, 0);
  writer.flush();
  t.equal(statSync(path).size, 24 + 76);
  for (let count = 0; count < 20; count++) writer.write(new Uint8Array(100_000));
  t.ok(statSync(path).size > 1e6);
  writer[Symbol.dispose]();
  t.equal(statSync(path).size, 24 + 76 + 20 * 100_016);
  t.equal(writer.bytes, 24 + 76 + 20 * 100_016);
});

t.test('round trips of random packets, some larger than the buffer', async (t) => {
  const path = join(t.testdir(), 'out.pcap');
  const random = new Random(2);
  const memory = random.bytes(3 << 20);
  const sent: { offset: number; length: number; seconds: number; nanoseconds: number; original: number }[] = [];
  const writer = PcapWriter.create(path, { nanoseconds: true, snaplen: 1 << 22 });
  for (let count = 0; count < 3000; count++) {
    const length =
      count % 1000 === 500 ? (1 << 20) + random.below(1 << 20) : random.below(random.pick([10, 300, 1515]));
    const packet = {
      offset: random.below(memory.length - length),
      length,
      seconds: random.u32(),
      nanoseconds: random.below(1e9),
      original: length + random.below(100),
    };
    sent.push(packet);
    writer.write(memory, packet.offset, length, packet.original, packet.seconds, packet.nanoseconds);
  }
  writer.close();
  const reader = PcapReader.open(path);
  for (const [index, { offset, length, seconds, nanoseconds, original }] of sent.entries()) {
    const packet = reader.next();
    if (packet === null) throw new Error(`packet ${index} is missing`);
    const same =
      packet.seconds === seconds &&
      packet.nanoseconds === nanoseconds &&
      packet.originalLength === original &&
      Buffer.compare(packet.data, memory.subarray(offset, offset + length)) === 0;
    if (!same) t.fail(`packet ${index} differs`);
  }
  t.equal(reader.next(), null);
});

t.test('refused', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'out.pcap');
  const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
  t.throws(() => PcapWriter.create(path, { snaplen: 0 }), range);
  t.throws(() => PcapWriter.create(path, { linkType: 65536 }), range);
  t.throws(() => PcapWriter.create(5 as unknown as string), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
  t.equal(existsSync(path), false, 'nothing was created');
  t.throws(() => PcapWriter.create(join(folder, 'no', 'out.pcap')), {
    name: 'NetmapError',
    code: 'ENOENT',
    syscall: 'open',
    message: /cannot create .*out.pcap: no such file/,
  });

  const writer = PcapWriter.create(path);
  const bytes = new Uint8Array(10);
  for (const [offset, length] of [
    [0, 11],
    [5, 6],
    [-1, 2],
    [0, -1],
    [NaN, 1],
  ]) {
    t.throws(() => writer.write(bytes, offset, length), range);
  }
  writer.close();
  writer.close();
  t.equal(statSync(path).size, 24, 'nothing of it was written');
  t.throws(() => writer.write(bytes), { name: 'NetmapError', code: 'ERR_NETMAP_CLOSED' });
  t.throws(() => writer.flush(), { name: 'NetmapError', code: 'ERR_NETMAP_CLOSED' });
});

t.test('a full device', { skip: !existsSync('/dev/full') && 'no /dev/full here' }, async (t) => {
  const writer = PcapWriter.create('/dev/full');
  writer.write(new Uint8Array(60));
  const failure = {
    name: 'NetmapError',
    code: 'ENOSPC',
    syscall: 'write',
    message: /cannot write \/dev\/full: no space/,
  };
  t.throws(() => writer.flush(), failure);
  t.throws(() => writer.write(new Uint8Array(1)), failure, 'and again on the next call');
  t.equal(writer.packets, 0);
  writer.close();
});

t.test(
  'a disk that fills up leaves a whole capture',
  { skip: process.platform === 'win32' && 'needs ulimit' },
  async (t) => {
    const path = join(t.testdir(), 'out.pcap');
    const script = `
    const { PcapWriter } = require(${JSON.stringify(root)});
    const writer = PcapWriter.create(${JSON.stringify(path)});
    try {
      for (;;) writer.write(Buffer.alloc(1000, writer.packets));
    } catch (error) {
      console.log(JSON.stringify([error.code, writer.packets, writer.bytes]));
      writer.close();
    }`;
    // A limit on file sizes does what a full disk does, without one. 4096 blocks are 2 or 4 MiB, as the shell counts.
    const command = `trap '' XFSZ; ulimit -f 4096 && exec "$@"`;
    const child = spawnSync('sh', ['-c', command, 'sh', ...plainNode, '-e', script], { encoding: 'utf8' });
    t.strictSame([child.status, child.signal], [0, null], child.stderr);
    const [code, packets, bytes] = JSON.parse(child.stdout) as [string, number, number];
    t.equal(code, 'EFBIG');
    t.ok(packets > 1000, `${packets} packets`);
    t.equal(statSync(path).size, bytes);
    t.equal(bytes, 24 + packets * 1016);
    t.equal([...PcapReader.open(path)].length, packets);
  },
);
