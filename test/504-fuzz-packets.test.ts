import t from 'tap';
import {
  buildPacket,
  describePacket,
  icmp,
  LAYER,
  PacketView,
  parsePacket,
  tcp,
  udp,
  verifyFrame,
  vxlan,
} from 'node-netmap';
import { Random, rounds, seed } from './random';

const SEEDS = [
  udp({ payload: 40, vlan: 2 }),
  udp({ version: 6, payload: 9 }),
  tcp({
    options: [
      { option: 'mss', value: 1 },
      { option: 'timestamps', value: 1, echo: 2 },
    ],
  }),
  icmp(),
  vxlan({ inner: tcp({ version: 6 }) }),
  buildPacket([
    { layer: 'ethernet' },
    { layer: 'ipv6' },
    { layer: 'ipv6-extension', protocol: 0 },
    { layer: 'ipv6-extension', protocol: 44 },
    { layer: 'gre', key: 1, checksum: true },
    { layer: 'ethernet' },
    { layer: 'ipv4', options: new Uint8Array(12) },
    { layer: 'udp' },
  ]),
];

/** A frame that was a good one once, or never. */
function spoil(random: Random): Uint8Array {
  if (random.below(20) === 0) return random.bytes(random.below(120));
  const frame = random.pick(SEEDS).slice();
  for (let n = random.below(6); n > 0; n--) {
    const at = random.below(frame.length);
    frame[at] = random.pick([0, 255, random.below(256), frame[at] ^ (1 << random.below(8)), 6, 17, 0x81, 0x88]);
  }
  return random.below(3) === 0 ? frame.subarray(0, random.below(frame.length + 1)) : frame;
}

t.test('whatever the bytes are: parsed, written the same, described, and never read beyond their end', async (t) => {
  const random = new Random(seed() ^ 0x826);
  const total = rounds(4000);
  let failures = 0;
  const layersSeen = new Set<string>();
  for (let round = 0; round < total && failures < 5; round++) {
    const frame = spoil(random);
    const fail = (what: string) => {
      failures++;
      t.fail(`${what} (round ${round}): ${Buffer.from(frame).toString('hex')}`);
    };
    try {
      const layers = parsePacket(frame);
      for (const { layer } of layers) layersSeen.add(layer);
      if (Buffer.compare(buildPacket(layers), frame) !== 0) fail('other bytes');
      if (/undefined|NaN/.test(describePacket(layers))) fail(describePacket(layers));
      verifyFrame(frame);
      // The same frame with other bytes behind it must give the same answers.
      const memory = random.bytes(frame.length + 64);
      memory.set(frame, 8);
      const here = new PacketView(frame);
      const there = new PacketView(memory);
      here.parse(0, frame.length);
      there.parse(8, frame.length);
      const told = (view: PacketView, from: number) =>
        JSON.stringify([
          view.layers,
          view.protocol,
          view.etherType,
          view.vlans,
          view.payloadOffset - from,
          view.payloadEnd - from,
        ]);
      if (told(here, 0) !== told(there, 8)) fail(`${told(here, 0)} is not ${told(there, 8)}`);
      if (here.payloadOffset > here.payloadEnd || here.payloadEnd > frame.length) fail('a payload beyond the end');
      if (here.has(LAYER.UDP) !== layers.some(({ layer }, k) => layer === 'udp' && outer(layers, k)))
        fail('views and layers differ');
    } catch (error) {
      fail(String((error as Error).stack));
    }
  }
  t.equal(failures, 0, `${total} frames`);
  t.ok(layersSeen.size >= 11, `which held ${[...layersSeen].join(', ')}`);
});

/** Whether layer `k` is that of the outer packet: views don't look into tunnels, nor at IP within IP. */
function outer(layers: readonly { layer: string }[], k: number): boolean {
  const before = layers.slice(0, k).map(({ layer }) => layer);
  const networks = before.filter((layer) => layer === 'ipv4' || layer === 'ipv6').length;
  return networks === 1 && before.filter((layer) => layer === 'ethernet').length === 1;
}
