import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PcapngWriter, PcapReader } from 'node-netmap';
import { hex } from './frames';
import { Random } from './random';

/** The blocks of a file, by the lengths at both their ends. */
function blocks(path: string): { type: number; body: Buffer }[] {
  const file = readFileSync(path);
  const found = [];
  for (let at = 0; at < file.length;) {
    const length = file.readUInt32LE(at + 4);
    if (length % 4 !== 0 || file.readUInt32LE(at + length - 4) !== length) throw new Error(`bad block at ${at}`);
    found.push({ type: file.readUInt32LE(at), body: file.subarray(at + 8, at + length - 4) });
    at += length;
  }
  return found;
}

t.test('bytes as the format has them', async (t) => {
  const path = join(t.testdir(), 'out.pcapng');
  const writer = PcapngWriter.create(path, {
    interfaces: [{ name: 'eth', snaplen: 4, filter: 'all' }],
    comment: 'what',
  });
  writer.write(hex('010203'));
  writer.write(hex('00 0a0b0c0d0e0f 00'), 1, 6, 1514, 1_700_000_000, 123_456_789, 0, 'hello');
  t.equal(writer.packets, 2);
  writer.statistics(0, { received: 5, dropped: 2 ** 40, start: [1, 2], delivered: 2 }, 1_700_000_001, 7);
  const { bytes } = writer;
  writer.close();
  writer.close();
  t.equal(readFileSync(path).length, bytes);
  const [section, described, first, second, counters, ...rest] = blocks(path);
  t.strictSame(rest, []);
  t.equal(section.type, 0x0a0d0d0a);
  t.equal(section.body.readUInt32LE(0), 0x1a2b3c4d);
  t.ok(section.body.includes('node-netmap'));
  t.ok(section.body.includes('what'));
  t.equal(described.type, 1);
  t.strictSame(
    described.body,
    Buffer.from(hex('0100 0000 04000000  0200 0300 65746800  0900 0100 09000000  0b00 0400 00616c6c  00000000')),
  );
  t.equal(first.type, 6);
  t.strictSame(first.body, Buffer.from(hex('00000000 00000000 00000000 03000000 03000000 01020300')));
  const time = 1_700_000_000n * 1_000_000_000n + 123_456_789n;
  t.equal((BigInt(second.body.readUInt32LE(4)) << 32n) | BigInt(second.body.readUInt32LE(8)), time);
  t.strictSame(
    second.body.subarray(12),
    Buffer.from(hex('04000000 ea050000 0a0b0c0d 0100 0500 68656c6c6f000000 00000000')),
  );
  t.equal(counters.type, 5);
  t.strictSame(
    counters.body.subarray(12),
    Buffer.from(
      hex(
        '0200 0800 00000000 02ca9a3b  0400 0800 0500000000000000  0500 0800 0000000000010000  0800 0800 0200000000000000 00000000',
      ),
    ),
  );
});

t.test('what is written can be read, with interfaces and counters', async (t) => {
  const path = join(t.testdir(), 'out.pcapng');
  const random = new Random(5);
  const memory = random.bytes(3 << 20);
  const writer = PcapngWriter.create(path, {
    interfaces: [{ name: 'a' }, { name: 'b', linkType: 113, snaplen: 1000 }],
  });
  t.equal(writer.addInterface({ name: 'c', snaplen: 0 }), 2);
  const sent: { offset: number; length: number; time: [number, number]; id: number }[] = [];
  for (let n = 0; n < 2000; n++) {
    const id = random.below(3);
    const length =
      n % 700 === 5 && id === 2 ? (1 << 20) + random.below(1 << 20) : random.below(random.pick([5, 300, 1515]));
    const offset = random.below(memory.length - length);
    const time: [number, number] = [random.u32(), random.below(1e9)];
    sent.push({ offset, length, time, id });
    writer.write(memory, offset, length, length, ...time, id, n % 3 === 0 ? 'n'.repeat(random.below(9)) : undefined);
  }
  writer.statistics(1, { received: 10, dropped: 3, end: [1_700_000_000, 999_999_999] }, 1, 2);
  writer[Symbol.dispose]();
  const reader = PcapReader.open(path);
  for (const [n, { offset, length, time, id }] of sent.entries()) {
    const packet = reader.next();
    if (packet === null) throw new Error(`packet ${n} is missing`);
    const kept = id === 1 ? Math.min(length, 1000) : length;
    const same =
      packet.seconds === time[0] &&
      packet.nanoseconds === time[1] &&
      packet.interfaceId === id &&
      packet.originalLength === length &&
      Buffer.compare(packet.data, memory.subarray(offset, offset + kept)) === 0;
    if (!same) t.fail(`packet ${n} differs`);
  }
  t.equal(reader.next(), null);
  t.match(reader.interfaces, [
    { name: 'a', linkType: 1, snaplen: 262144 },
    {
      name: 'b',
      linkType: 113,
      snaplen: 1000,
      statistics: { received: 10, dropped: 3, end: [1_700_000_000, 999_999_999] },
    },
    { name: 'c', snaplen: 0 },
  ]);
  t.equal(reader.interfaces[0].statistics, undefined);
});

t.test('refused', async (t) => {
  const path = join(t.testdir(), 'out.pcapng');
  t.throws(() => PcapngWriter.create(path, { interfaces: [{ snaplen: -1 }] }), { code: 'ERR_OUT_OF_RANGE' });
  t.equal(existsSync(path), false);
  const writer = PcapngWriter.create(path);
  t.throws(() => writer.write(new Uint8Array(4), 0, 5), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => writer.write(new Uint8Array(4), 0, 4, 4, 0, 0, 1), {
    code: 'ERR_OUT_OF_RANGE',
    message: /interfaceId/,
  });
  t.throws(() => writer.statistics(1, {}), { code: 'ERR_OUT_OF_RANGE' });
  writer.close();
  t.throws(() => writer.write(new Uint8Array(4)), { code: 'ERR_NETMAP_CLOSED' });
  t.equal([...PcapReader.open(path)].length, 0);
});

t.test('a full device', { skip: !existsSync('/dev/full') && 'no /dev/full here' }, async (t) => {
  const writer = PcapngWriter.create('/dev/full');
  writer.write(new Uint8Array(60));
  t.throws(() => writer.flush(), { code: 'ENOSPC', syscall: 'write' });
  t.equal(writer.packets, 0);
  t.equal(writer.bytes, 0);
  writer.close();
});
