import { readFileSync } from 'node:fs';
import t from 'tap';
import { NetmapError, PcapReader } from 'node-netmap';
import { hex } from './frames';
import { classic, joined, Section } from './make-capture';
import { Random, rounds, seed } from './random';
import { noData, sharedCapture } from './shared-data';

const PACKETS = [hex('010203'), hex('0a0b0c0d0e0f'), new Uint8Array(0), hex('ff')].map((data) => ({ data }));
const random = new Random(seed() ^ 0xca97);

/** Whether the file reads to its end; anything but packets and the one kind of error is thrown on. */
function readsWhole(file: Uint8Array): boolean {
  let bytes = 0;
  try {
    for (const packet of PcapReader.from(file, 'made')) bytes += packet.data.length;
  } catch (error) {
    if (!(error instanceof NetmapError) || error.code !== 'ERR_NETMAP_CAPTURE') throw error;
    return false;
  }
  if (bytes > file.length) throw new Error(`${bytes} bytes of packets out of ${file.length}`);
  return true;
}

function damage(file: Uint8Array, reach: number): Uint8Array {
  for (let count = 1 + random.below(3); count > 0; count--) {
    const at = random.below(Math.min(file.length, reach));
    file[at] = random.pick([0, 1, 0xff, 0x80, file[at] ^ (1 << random.below(8)), random.u32()]);
  }
  return file;
}

t.test('small captures with damage: packets, then the end or a NetmapError', async (t) => {
  const section = new Section().interface(1, 0, [
    [9, [9]],
    [14, new Uint8Array(8)],
    [2, Buffer.from('x')],
  ]);
  for (const packet of PACKETS) section.packet(packet).old(packet).simple(packet.data);
  const ng = joined(section.done(), new Section(false).interface().packet(PACKETS[1]).done());
  const seeds = [classic(PACKETS), classic(PACKETS, { little: false, nanoseconds: true }), ng];
  const total = rounds(20000);
  let whole = 0;
  for (let round = 0; round < total; round++) {
    const file = damage(random.pick(seeds).slice(0, 1 + random.below(600)), Infinity);
    if (readsWhole(file)) whole++;
  }
  for (let round = 0; round < total / 10; round++) {
    const head = random.pick([hex('d4c3b2a1'), hex('a1b23c4d'), hex('0a0d0d0a1c0000004d3c2b1a'), hex('')]);
    readsWhole(joined(head, random.bytes(random.below(300))));
  }
  t.ok(whole > total / 40, `${whole} files had damage that doesn't show`);
});

const real = ['vrrp.pcap', 'mptcp-v0.pcap', 'bgp-orf.pcapng'].map(sharedCapture).filter((path) => path !== undefined);
t.test('real captures with damage', { skip: real.length === 0 && noData('*.pcap') }, async (t) => {
  const files = real.map((path) => readFileSync(path).subarray(0, 1 << 16));
  for (let round = 0; round < rounds(400); round++) {
    readsWhole(damage(Uint8Array.from(random.pick(files)), random.pick([64, 4096, Infinity])));
  }
  t.pass(`${files.length} captures`);
});
