import { vale as place } from './folder';
import { Emulation, Emulator, open, probe, setPortHeader, vale, type EmulatorCommands, type Port } from 'node-netmap';
import t, { type Test } from 'tap';
import { internetFrame, look, transportOffset, vnetHeader, type VnetFields } from './support/internet-frames';
import { start } from './support/cli';
import { receive } from './support/whole-frames';

type Size = 0 | 10 | 12;

const NEEDS_CHECKSUM = 1;
const TCP4 = 1;

let switches = 0;

/** guest - switch - emulator - switch - guest: ports of one memory region, with virtio-net headers of these sizes. */
function lab(t: Test, commands: EmulatorCommands, inside: Size, outside: Size) {
  const name = place('').replace(':', `v${++switches}`);
  let memId = 0;
  const port = (place: string, size: Size) => {
    const opened = open(`${name}${place}`, { acceptVnetHdr: true, memId });
    memId = opened.memId;
    if (size > 0) setPortHeader(`${name}${place}`, size);
    return opened;
  };
  const near = [port('i:e', inside), port('o:e', outside)] as const;
  const far = [port('i:g', inside), port('o:g', outside)] as const;
  const emulator = new Emulator(commands);
  const emulation = new Emulation(near[0], near[1], emulator);
  const done = emulation.start();
  t.teardown(async () => {
    emulation.stop();
    await done.catch(() => {});
    for (const one of [...near, ...far]) one.close();
  });
  return { near, far, emulator, emulation };
}

/** Sends a frame behind a header, in as many slots as it needs. */
function send(port: Port, size: Size, fields: VnetFields, frame: Uint8Array) {
  const header = size > 0 ? vnetHeader(size, fields) : new Uint8Array();
  if (!port.inject(Buffer.concat([header, frame]))) throw new Error('no room');
  port.txSync();
}

/** What the checksum field of a frame of this shape needs. */
function offload(shape: Parameters<typeof internetFrame>[0] & object, gsoType = 0): VnetFields {
  const checksumStart = transportOffset(shape);
  return { flags: NEEDS_CHECKSUM, gsoType, checksumStart, checksumOffset: shape.udp ? 6 : 16, segmentSize: 1448 };
}

const PAIRS: [Size, Size][] = [
  [12, 12],
  [10, 12],
  [12, 0],
  [0, 10],
];

for (const [way, commands] of [
  ['straight', ''],
  ['through a link', 'pipe 1 config delay 1ms bw 100Mbit/s\nadd pipe 1 ip from any to any'],
]) {
  for (const [inside, outside] of PAIRS) {
    t.test(`${way}, headers of ${inside} and ${outside} bytes`, async (t) => {
      const { far, emulator, emulation } = lab(t, `${commands}\nadd 1 count tcp from any 1025 to any`, inside, outside);
      const zeroCopy = inside === outside;
      t.equal(emulation.zeroCopy, zeroCopy);
      const ways = [
        [far[0], inside, far[1], outside],
        [far[1], outside, far[0], inside],
      ] as const;
      let counted = 0;
      for (const [from, size, to, toSize] of ways) {
        const small = { payload: 301 };
        const large = { payload: 4000, tcpFlags: 0x19 };
        send(from, size, size > 0 ? offload(small) : {}, internetFrame(small));
        if (size > 0) send(from, size, offload(large, TCP4), internetFrame(large));
        const got = await receive(to, size > 0 ? 4 : 1);
        for (const one of got) {
          t.strictSame(one.subarray(0, toSize), Buffer.alloc(toSize), 'nothing is left to do');
          if (size > 0) t.match(look(one.subarray(toSize)), { lengths: true, ipChecksum: true, checksum: true });
        }
        const lengths = got.map((one) => one.length - toSize);
        t.strictSame(lengths, size > 0 ? [355, 1514, 1514, 1134] : [355]);
        const payloads = Buffer.concat(got.slice(1).map((one) => look(one.subarray(toSize)).payload));
        if (size > 0) t.ok(payloads.equals(Buffer.from(internetFrame(large).subarray(54))), 'every byte, in order');
        counted += got.length;
      }
      t.match(emulator.rules()[0], { number: 1, packets: counted }, 'rules see the headers behind it');
      const bytes = emulation.stats().directions.map((one) => [one.bytes, one.outBytes, one.bad]);
      const each = (size: Size) => (size > 0 ? 355 + 1514 + 1514 + 1134 : 355);
      t.strictSame(bytes, [
        [each(inside), each(inside), 0],
        [each(outside), each(outside), 0],
      ]);
    });
  }
}

t.test('headers that make no sense are counted, and hold nothing up', async (t) => {
  const { far, emulation } = lab(t, '', 12, 12);
  send(far[0], 12, { gsoType: 77 }, internetFrame());
  send(far[0], 12, { gsoType: TCP4 }, internetFrame({ udp: true }));
  send(far[0], 0, {}, new Uint8Array(12).fill(1));
  send(far[0], 12, {}, internetFrame({ payload: 9 }));
  const [one] = await receive(far[1], 1);
  t.equal(one.length, 12 + 54 + 9);
  t.ok(emulation.stats().directions[0].bad >= 2);
});

const isEngine = probe().device === 'engine' ? false : 'the engine alone can be taken away';

t.test('a header that cannot be asked for is no header of 0 bytes', { skip: isEngine }, (t) => {
  const [a, b] = [open(place('q')), open(place('q').replace(':', 'x:'))];
  const folder = process.env.NODE_NETMAP_DIR;
  process.env.NODE_NETMAP_DIR = '/dev/null/nowhere';
  t.teardown(() => {
    process.env.NODE_NETMAP_DIR = folder;
    for (const port of [a, b]) port.close();
  });
  t.throws(() => new Emulation(a, b, new Emulator('')), {
    code: 'ENOTDIR',
    syscall: 'PORT_HDR_GET',
  });
  process.env.NODE_NETMAP_DIR = folder;
  t.doesNotThrow(() => new Emulation(a, b, new Emulator('')));
  t.end();
});

// The kernel module loses the name of a persistent port when it is opened, and its header cannot be asked for any more.
const noName = probe().device === 'kernel' && 'persistent ports of the kernel module lose their names';

t.test('emulate takes such ports', { skip: noName }, async (t) => {
  const [a, b] = [place('e').replace(':', 'a:'), place('e').replace(':', 'b:')];
  const own = `em${process.pid}`;
  vale.newif(own);
  vale.attach(a.replace(':e', `:${own}`));
  setPortHeader(a.replace(':e', `:${own}`), 12);
  using guest = open(a, { acceptVnetHdr: true });
  using far = open(b);
  setPortHeader(guest.name, 12);
  const cli = await start(t, ['emulate', a.replace(':e', `:${own}`), b.replace(':e', ':f'), '--delay', '1ms']);
  send(guest, 12, offload({}), internetFrame());
  const [got] = await receive(far, 1);
  t.match(look(got), { length: 154, checksum: true });
  t.match((await cli.stop()).summary, { packets: 1, dropped: 0 });
});
