import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { scratch, vale } from './folder';
import { open, type ExtmemOptions, type Port } from 'node-netmap';
import { codeOf } from './throws';

const MiB = 2 ** 20;
/** Fits every device: rings of 16 slots do not cross pages. */
const SMALL = { ifNum: 8, ringNum: 16, ringSize: 512, bufNum: 512, bufSize: 2048 };
const SLOTS = { txSlots: 16, rxSlots: 16 };

let file = 0;
function path(): string {
  const name = join(process.platform === 'linux' ? '/dev/shm' : scratch, `node-netmap-extmem-${process.pid}-${file++}`);
  t.teardown(() => rmSync(name, { force: true }));
  return name;
}

/** Whether the device has external memory: netmap's module for Linux only when it was built with it. */
function served(): boolean {
  return codeOf(() => open(vale('try'), { extmem: { bytes: 4 * MiB, ...SMALL }, ...SLOTS }).close()) !== 'EOPNOTSUPP';
}

function passes(from: Port, to: Port): boolean {
  const frame = new Uint8Array(60).fill(7).fill(0xff, 0, 6);
  from.inject(frame);
  from.txSync();
  to.rxSync();
  const [rx] = to.rxRings;
  const same = rx.available === 1 && Buffer.compare(rx.payload(rx.head), frame) === 0;
  rx.advance(rx.available);
  to.rxSync();
  return same;
}

t.test('wrong options are named', async (t) => {
  const refused = (extmem: unknown, text: RegExp, more = {}) =>
    t.throws(() => open(vale('a'), { extmem: extmem as ExtmemOptions, ...more }), { message: text });
  refused({}, /needs a file or a number of bytes/);
  refused({ bytes: 0 }, /options\.extmem\.bytes/);
  refused({ bytes: -1 }, /options\.extmem\.bytes/);
  refused({ bytes: MiB, bufNum: 1.5 }, /options\.extmem\.bufNum/);
  refused({ bytes: MiB, buffers: 3 }, /knows .* but not "buffers"/);
  refused({ file: '' }, /options\.extmem\.file/);
  refused({ file: 'a\0b' }, /options\.extmem\.file/);
  refused({ file: '/x', hugePages: true }, /goes without a file/);
  refused({ bytes: MiB }, /region 3 is wanted/, { memId: 3 });
  refused({ file: join(scratch, 'none', 'at', 'all') }, /ENOENT.*with bytes it would be made/);
  refused({ file: scratch }, /EISDIR|no regular file/);
  const empty = path();
  writeFileSync(empty, '');
  refused({ file: empty }, /is empty/);
});

t.test(
  'a module without external memory is told from memory that does not do',
  { skip: served() && 'it has it' },
  async (t) => {
    t.throws(() => open(vale('a'), { extmem: { bytes: 4 * MiB, ...SMALL }, ...SLOTS }), {
      code: 'EOPNOTSUPP',
      message: /--enable-extmem/,
    });
  },
);

t.test('external memory', { skip: !served() && 'the module was built without it' }, async (t) => {
  await t.test('memory of its own', async (t) => {
    using a = open(vale('a'), { extmem: { bytes: 4 * MiB, ...SMALL }, ...SLOTS });
    using b = open(vale('b'), SLOTS);
    t.equal(a.bufSize, 2048);
    t.ok(a.memSize <= 4 * MiB);
    t.ok(passes(a, b) && passes(b, a));
    using c = open(vale('c'), { memId: a.memId, ...SLOTS });
    t.ok(a.canSwapWith(c) && !a.canSwapWith(b));
    t.ok(passes(c, a));
  });

  await t.test('a file, also by name; it is left where it is', async (t) => {
    const name = path();
    const a = open(vale('a'), { extmem: { file: name, bytes: 4 * MiB, ...SMALL }, ...SLOTS });
    t.equal(statSync(name).size, 4 * MiB);
    using b = open(`${vale('b')}@extmem=${name}@conf:slots=16`);
    t.equal(b.memId, a.memId, 'the same memory is the same region');
    t.ok(passes(a, b) && passes(b, a));
    a.close();
    t.ok(passes(b, b) === false && existsSync(name));
    b.close();
    using again = open(vale('a'), { extmem: { file: name, ...SMALL }, ...SLOTS });
    t.equal(again.bufSize, 2048);
  });

  await t.test('what does not fit is refused, and nothing is left behind', async (t) => {
    const refused = (extmem: ExtmemOptions, text: RegExp, more = {}) =>
      t.throws(() => open(vale('a'), { extmem, ...SLOTS, ...more }), { code: 'ENOMEM', message: text });
    refused({ bytes: MiB, ...SMALL }, /take|do not fit/);
    refused({ bytes: 4 * MiB, ...SMALL, ringSize: 256 }, /slots|too small/);
    refused({ bytes: 4 * MiB, ...SMALL, ringNum: 1 }, /ring objects|too small/);
    using a = open(vale('a'), SLOTS);
    const late = codeOf(() => open(vale('a'), { extmem: { bytes: 4 * MiB, ...SMALL } }));
    t.equal(late, a.device === 'kernel' ? 'EBUSY' : 'EINVAL', 'a port does not move');
  });

  const { transfer } = ArrayBuffer.prototype as { transfer?: () => ArrayBuffer };
  await t.test('views that are left are harmless', { skip: !transfer && 'no ArrayBuffer.transfer' }, async (t) => {
    const name = path();
    const a = open(vale('a'), { extmem: { file: name, bytes: 4 * MiB, ...SMALL }, ...SLOTS });
    const moved = new Uint8Array(transfer?.call(a.u8.buffer) ?? new ArrayBuffer(0));
    t.equal(moved.length, a.memSize);
    a.close();
    const before = readFileSync(name);
    moved.fill(5);
    t.ok(before.equals(readFileSync(name)), 'the file is no longer behind them');
  });

  await t.test('huge pages, or how many are missing', async (t) => {
    try {
      using a = open(vale('a'), { extmem: { bytes: 12 * MiB, hugePages: true, ringNum: 8 } });
      using b = open(vale('b'));
      t.equal(a.rxRings[0].numSlots, 1024);
      t.ok(passes(a, b) && passes(b, a));
    } catch (error) {
      t.match(
        (error as Error).message,
        /huge pages of \d+ KiB are needed, \d+ of \d+ are free: run sysctl vm\.nr_hugepages=\d+/,
      );
      t.equal((error as { code?: string }).code, 'ENOMEM');
    }
  });
});
