import t from 'tap';
import './folder';
import { checksum, internetChecksum, open } from 'node-netmap';
import { Random } from './random';
import { codeOf, GARBAGE } from './throws';

t.test('the example of RFC 1071', async (t) => {
  const data = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  t.equal(checksum(data), 0xffff & ~0xddf2);
});

t.test('agrees with the one written in TypeScript', async (t) => {
  const random = new Random(7);
  const data = random.bytes(3000);
  for (let k = 0; k < 500; k++) {
    const offset = random.below(100);
    const length = random.below(k < 250 ? 70 : 2900);
    const initial = random.pick([0, 1, 0xffff, 0x10000, 0x1fffe, random.below(2 ** 31)]);
    const want = internetChecksum(data, offset, length, initial);
    if (checksum(data, offset, length, initial) !== want) t.fail(`${offset} ${length} ${initial}`);
  }
  t.equal(checksum(data.fill(0xff), 0, 3000), 0);
  t.equal(checksum(data.fill(0), 0, 3000), 0xffff);
});

t.test('reads packet memory', async (t) => {
  using port = open('null:');
  const [ring] = port.txRings;
  const packet = new Random(9).bytes(1500);
  ring.buffer(4).set(packet);
  t.equal(checksum(port.u8, ring.offset(4), 1500), checksum(packet));
});

t.test('garbage', async (t) => {
  const data = new Uint8Array(100);
  for (const value of GARBAGE) {
    if (!(value instanceof Uint8Array))
      t.ok(
        codeOf(() => checksum(value as never)),
        String(value),
      );
    if (value === undefined) continue;
    t.ok(codeOf(() => checksum(data, value as never)) || value === 1, `offset ${String(value)}`);
    t.ok(
      codeOf(() => checksum(data, 0, value as never)),
      `length ${String(value)}`,
    );
    if (value !== 2 ** 31)
      t.ok(
        codeOf(() => checksum(data, 0, 10, value as never)),
        `initial ${String(value)}`,
      );
  }
  t.equal(
    codeOf(() => checksum(data, 50, 51)),
    'ERR_OUT_OF_RANGE',
  );
});
