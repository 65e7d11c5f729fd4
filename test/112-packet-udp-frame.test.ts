import t from 'tap';
import { formatIpv4, formatMac, FrameReader, udpFrame, verifyFrame } from 'node-netmap';
import { be16, hex, plainChecksum } from './frames';
import { Random } from './random';

function udpPart(frame: Uint8Array): Uint8Array {
  return frame.subarray(34, 34 + frame[38] * 256 + frame[39]);
}

t.test('the default frame is that of pkt-gen', async (t) => {
  const frame = udpFrame();
  t.equal(frame.length, 60);
  t.equal(verifyFrame(frame), 'valid');
  const expected = hex(`
    ffffffffffff 020000000001 0800
    4500 002e 0000 4000 4011 26bd 0a000001 0a010001
    04d2 04d2 001a`);
  t.strictSame(frame.slice(0, 40), expected);
  t.strictSame(frame.slice(42), new Uint8Array(18));
});

t.test('every field', async (t) => {
  const frame = udpFrame({
    srcMac: '02:00:00:00:00:aa',
    dstMac: '02:00:00:00:00:bb',
    srcIp: '192.168.1.2',
    dstIp: '255.255.255.254',
    srcPort: 65535,
    dstPort: 9,
    ttl: 1,
    length: 100,
    payload: 'héllo',
  });
  const reader = new FrameReader(frame);
  t.equal(verifyFrame(frame), 'valid');
  t.equal(reader.isPlainUdp(0, 100), true);
  t.equal(formatMac(frame, 0), '02:00:00:00:00:bb');
  t.equal(formatMac(frame, 6), '02:00:00:00:00:aa');
  t.equal(formatIpv4(reader.srcIp(0)), '192.168.1.2');
  t.equal(formatIpv4(reader.dstIp(0)), '255.255.255.254');
  t.equal(reader.srcPort(0), 65535);
  t.equal(reader.dstPort(0), 9);
  t.equal(reader.ttl(0), 1);
  t.equal(reader.protocol(0), 17);
  t.equal(reader.etherType(0), 0x0800);
  t.equal(reader.payloadLength(0), 58, 'the payload reaches to the end of the frame');
  t.equal(Buffer.from(frame.subarray(42, 48)).toString(), 'héllo');
});

t.test('lengths', async (t) => {
  const length = (options: Parameters<typeof udpFrame>[0]): [number, number] => {
    const frame = udpFrame(options);
    t.equal(verifyFrame(frame), 'valid');
    return [frame.length, new FrameReader(frame).payloadLength(0)];
  };
  t.strictSame(length({ length: 42 }), [42, 0]);
  t.strictSame(length({ length: 48 }), [48, 6]);
  t.strictSame(length({ length: 61 }), [61, 19]);
  t.strictSame(length({ length: 1514 }), [1514, 1472]);
  t.strictSame(length({ length: 65549 }), [65549, 65507]);
  t.strictSame(length({ payload: 'abc' }), [60, 3], 'a short payload is padded outside of the packet');
  t.strictSame(length({ payload: '' }), [60, 0]);
  t.strictSame(length({ payload: new Uint8Array(100) }), [142, 100]);
  t.strictSame(length({ payload: new Uint8Array(65507) }), [65549, 65507]);
});

t.test('checksums agree with the plain sum, and 0 is sent as ffff', async (t) => {
  const random = new Random(768);
  for (let round = 0; round < 200; round++) {
    const frame = udpFrame({ payload: random.bytes(random.below(60)), srcPort: random.below(65536) });
    const udp = udpPart(frame).slice();
    const stored = udp[6] * 256 + udp[7];
    udp.set([0, 0], 6);
    const pseudo = Uint8Array.from([...frame.subarray(26, 34), 0, 17, ...be16(udp.length)]);
    t.equal(stored, plainChecksum(pseudo, udp) || 0xffff);
    t.equal(plainChecksum(frame.subarray(14, 34)), 0);
  }
  const first = udpFrame({ payload: Uint8Array.of(0, 0) });
  const zero = udpFrame({ payload: first.slice(40, 42) });
  t.strictSame(zero.slice(40, 42), hex('ffff'));
  t.equal(verifyFrame(zero), 'valid');
});

t.test('refused', async (t) => {
  const refuse = (options: object, expected: { name: string; code: string }): void => {
    t.throws(() => udpFrame(options), expected, JSON.stringify(options));
  };
  const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
  refuse({ length: 41 }, range);
  refuse({ length: 65550 }, range);
  refuse({ length: 60.5 }, range);
  refuse({ length: 44, payload: 'abc' }, range);
  refuse({ payload: new Uint8Array(65508) }, range);
  refuse({ srcPort: -1 }, range);
  refuse({ dstPort: 65536 }, range);
  refuse({ ttl: 256 }, range);
  refuse({ length: '60' }, { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
  refuse({ payload: 5 }, { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
  refuse({ srcMac: 'me' }, { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' });
  refuse({ dstIp: '10.0.0' }, { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' });
});
