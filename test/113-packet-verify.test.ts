import t from 'tap';
import { FrameReader, isCorrupt, PcapReader, udpFrame, verifyFrame } from 'node-netmap';
import { hex, icmp, ipv4Frame, plainChecksum, tcp, udp } from './frames';
import { Random } from './random';
import { noData, sharedCapture } from './shared-data';

const random = new Random(793);
const payload = random.bytes(33);

const TAG = [0x81, 0x00, 0x20, 0x05];
const SERVICE_TAG = [0x88, 0xa8, 0x00, 0x64];

t.test('intact frames', async (t) => {
  const check = (frame: Uint8Array, expected: string, what: string): void => {
    t.equal(verifyFrame(frame), expected, what);
  };
  check(ipv4Frame({ protocol: 17, payload: udp(payload) }), 'valid', 'UDP');
  check(ipv4Frame({ protocol: 17, payload: udp(new Uint8Array(0)) }), 'valid', 'UDP without payload');
  check(ipv4Frame({ protocol: 6, payload: tcp(payload) }), 'valid', 'TCP');
  check(ipv4Frame({ protocol: 1, payload: icmp(payload) }), 'valid', 'ICMP');
  check(ipv4Frame({ protocol: 17, payload: udp(payload), tags: TAG }), 'valid', '802.1Q');
  check(ipv4Frame({ protocol: 6, payload: tcp(payload), tags: [...SERVICE_TAG, ...TAG] }), 'valid', 'QinQ');
  check(ipv4Frame({ protocol: 6, payload: tcp(payload), options: hex('94040000 01010101') }), 'valid', 'IP options');
  check(ipv4Frame({ protocol: 17, payload: udp(Uint8Array.of(1)), padding: 17 }), 'valid', 'Ethernet padding');
  const inside = Uint8Array.from([...udp(payload), 1, 2, 3]);
  check(ipv4Frame({ protocol: 17, payload: inside }), 'valid', 'a UDP packet shorter than the IP packet');
  check(ipv4Frame({ protocol: 17, payload: udp(payload), fragment: 0x4000 }), 'valid', "don't fragment");
});

t.test('frames with nothing to check in the payload', async (t) => {
  t.equal(verifyFrame(ipv4Frame({ protocol: 17, payload: udp(payload, 0) })), 'header-valid', 'UDP without checksum');
  t.equal(verifyFrame(ipv4Frame({ protocol: 17, payload, fragment: 0x2000 })), 'header-valid', 'first fragment');
  t.equal(verifyFrame(ipv4Frame({ protocol: 6, payload, fragment: 7 })), 'header-valid', 'last fragment');
  t.equal(verifyFrame(ipv4Frame({ protocol: 112, payload })), 'header-valid', 'VRRP');
  const arp = hex('ffffffffffff 020000000001 0806 0001080006040001');
  t.equal(verifyFrame(arp), 'not-ipv4', 'ARP');
  t.equal(
    verifyFrame(Uint8Array.from([...arp.subarray(0, 12), ...TAG, ...arp.subarray(12)])),
    'not-ipv4',
    'tagged ARP',
  );
});

t.test('damaged frames', async (t) => {
  const frame = (change: (frame: Uint8Array) => void, protocol = 17): Uint8Array => {
    const made = ipv4Frame({ protocol, payload: protocol === 17 ? udp(payload) : tcp(payload) });
    change(made);
    return made;
  };
  const checksum = (made: Uint8Array): void => {
    made.set([0, 0], 24);
    const sum = plainChecksum(made.subarray(14, 34));
    made.set([sum >> 8, sum & 255], 24);
  };
  t.equal(verifyFrame(new Uint8Array(0)), 'truncated');
  t.equal(verifyFrame(new Uint8Array(13)), 'truncated');
  t.equal(verifyFrame(frame(() => undefined).subarray(0, 33)), 'truncated', 'within the IP header');
  t.equal(verifyFrame(frame(() => undefined).subarray(0, 60)), 'truncated', 'within the payload');
  t.equal(
    verifyFrame(Uint8Array.from([...new Array<number>(12).fill(0), ...TAG.slice(0, 2)])),
    'truncated',
    'within a tag',
  );
  t.equal(verifyFrame(frame((made) => (made[14] = 0x65))), 'malformed', 'version');
  t.equal(verifyFrame(frame((made) => (made[14] = 0x44))), 'malformed', 'header length');
  t.equal(verifyFrame(frame((made) => made.set([0, 19], 16))), 'malformed', 'total length');
  t.equal(verifyFrame(frame((made) => (made[22] ^= 1))), 'bad-header', 'time to live');
  t.equal(verifyFrame(frame((made) => (made[50] ^= 1))), 'bad-payload', 'UDP payload');
  t.equal(verifyFrame(frame((made) => (made[60] ^= 1), 6)), 'bad-payload', 'TCP payload');
  t.equal(verifyFrame(frame((made) => made.set([0, 7], 38))), 'malformed', 'UDP length too short');
  t.equal(verifyFrame(frame((made) => made.set([0, 42], 38))), 'malformed', 'UDP length too long');
  const short = (protocol: number, length: number): Uint8Array => {
    const made = ipv4Frame({ protocol, payload: new Uint8Array(length) });
    checksum(made);
    return made;
  };
  t.equal(verifyFrame(short(17, 7)), 'malformed', 'no room for a UDP header');
  t.equal(verifyFrame(short(6, 19)), 'malformed', 'no room for a TCP header');
  t.equal(verifyFrame(short(1, 3)), 'malformed', 'no room for an ICMP header');
  for (const check of ['truncated', 'malformed', 'bad-header', 'bad-payload'] as const) t.equal(isCorrupt(check), true);
  for (const check of ['valid', 'header-valid', 'not-ipv4'] as const) t.equal(isCorrupt(check), false);
});

t.test('each flipped bit behind the Ethernet header is noticed', async (t) => {
  for (const protocol of [1, 6, 17]) {
    const body = protocol === 1 ? icmp(payload) : protocol === 6 ? tcp(payload) : udp(payload);
    const frame = ipv4Frame({ protocol, payload: body });
    for (let bit = 14 * 8; bit < frame.length * 8; bit++) {
      frame[bit >> 3] ^= 1 << (bit & 7);
      if (!isCorrupt(verifyFrame(frame))) t.fail(`protocol ${protocol}, bit ${bit}: ${verifyFrame(frame)}`);
      frame[bit >> 3] ^= 1 << (bit & 7);
    }
    t.equal(verifyFrame(frame), 'valid');
  }
});

t.test('any bytes get an answer, and none is read outside of the frame', async () => {
  const seeds = [udpFrame(), ipv4Frame({ protocol: 6, payload: tcp(payload), tags: TAG }), random.bytes(80)];
  for (let round = 0; round < 20000; round++) {
    const bytes = random.pick(seeds).slice();
    for (let count = random.below(4); count > 0; count--) bytes[random.below(bytes.length)] = random.u32();
    const length = random.below(bytes.length + 1);
    // The reader sees exactly these bytes: reading on would be a RangeError.
    const reader = new FrameReader(bytes.slice(0, length));
    reader.verify(0, length);
    reader.isPlainUdp(0, length);
    if (reader.isSequenced(0, length)) reader.stream(0);
  }
});

t.test('frames anywhere in memory', async (t) => {
  const frame = ipv4Frame({ protocol: 17, payload: udp(payload) });
  const memory = random.bytes(300);
  for (let offset = 0; offset < 200; offset++) {
    memory.set(frame, offset);
    t.equal(verifyFrame(memory, offset, frame.length), 'valid', `offset ${offset}`);
  }
});

for (const [file, expected] of [
  ['afs.pcap', { valid: 401, 'header-valid': 200 }],
  ['mptcp-v0.pcap', { valid: 264 }],
  ['vrrp.pcap', { 'header-valid': 101, 'not-ipv4': 64 }],
] as const) {
  const path = sharedCapture(file);
  t.test(`real frames of ${file}`, { skip: path === undefined && noData(file) }, async (t) => {
    const counts: Record<string, number> = {};
    for (const { data } of PcapReader.open(path ?? '')) {
      const check = verifyFrame(data);
      counts[check] = (counts[check] ?? 0) + 1;
    }
    t.strictSame(counts, expected);
  });
}
