import t from 'tap';
import { BROADCAST_MAC, formatIpv4, formatMac, parseIpv4, parseMac } from 'node-netmap';
import { hex } from './frames';
import { Random } from './random';

t.test('MAC addresses', async (t) => {
  t.strictSame(parseMac('02:00:00:00:00:01'), hex('020000000001'));
  t.strictSame(parseMac('AA-bb-0c-d-E-f'), hex('aabb0c0d0e0f'));
  t.strictSame(parseMac(BROADCAST_MAC), hex('ffffffffffff'));
  t.equal(formatMac(hex('020a00ffFE01')), '02:0a:00:ff:fe:01');
  t.equal(formatMac(hex('0000 020a00fffe01'), 2), '02:0a:00:ff:fe:01');
  for (const text of [
    '',
    '1:2:3:4:5',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5-6',
    'g0:0:0:0:0:0',
    '123:0:0:0:0:0',
    ' 1:2:3:4:5:6',
    '020000000001',
  ]) {
    t.throws(() => parseMac(text), { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' }, text);
  }
  t.throws(() => parseMac(7 as unknown as string), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => formatMac(new Uint8Array(6), 1), { name: 'RangeError' });
  t.throws(() => formatMac(new Uint8Array(6), -1), { name: 'RangeError' });
});

t.test('IPv4 addresses', async (t) => {
  t.equal(parseIpv4('10.0.0.1'), 0x0a000001);
  t.equal(parseIpv4('255.255.255.255'), 0xffffffff);
  t.equal(parseIpv4('0.0.0.0'), 0);
  t.equal(formatIpv4(0xc0a80063), '192.168.0.99');
  t.equal(formatIpv4(0xffffffff), '255.255.255.255');
  for (const text of [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4.',
    '1.2.3.-4',
    'a.b.c.d',
    '1.2.3.4 ',
    '0x1.2.3.4',
  ]) {
    t.throws(() => parseIpv4(text), { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' }, text);
  }
  t.throws(() => parseIpv4(undefined as unknown as string), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => formatIpv4(-1), { name: 'RangeError' });
  t.throws(() => formatIpv4(2 ** 32), { name: 'RangeError' });
  t.throws(() => formatIpv4(1.5), { name: 'RangeError' });
});

t.test('both ways', async (t) => {
  const random = new Random(4);
  for (let round = 0; round < 500; round++) {
    const address = random.u32();
    t.equal(parseIpv4(formatIpv4(address)), address);
    const mac = random.bytes(6);
    t.strictSame(parseMac(formatMac(mac)), mac);
  }
});
