import t from 'tap';
import { vale } from './folder';
import { NS, open, type Port } from 'node-netmap';
import { codeOf, GARBAGE } from './throws';

function sendFrom(port: Port, address: bigint, length: number): void {
  const [ring] = port.txRings;
  const i = ring.head;
  ring.setPointer(i, address);
  ring.setLength(i, length);
  ring.setFlags(i, NS.INDIRECT);
  ring.advance(1);
  port.txSync();
}

t.test('packets sent from memory of JavaScript', async (t) => {
  using a = open(vale('a'));
  using b = open(vale('b'));
  const memory = new Uint8Array(1000).fill(0xff);
  const address = a.indirect(memory);
  t.equal(typeof address, 'bigint');
  t.equal(a.indirect(memory), address);
  memory[20] = 42;
  sendFrom(a, address, 100);
  memory[520] = 43;
  sendFrom(a, address + 500n, 100);
  b.rxSync();
  const [ring] = b.rxRings;
  t.equal(ring.available, 2);
  t.equal(ring.payload(ring.head)[20], 42);
  t.equal(ring.payload(ring.next(ring.head))[20], 43);
  t.equal(ring.flags(ring.head) & NS.INDIRECT, 0);
});

t.test('addresses that were not registered send nothing', async (t) => {
  using a = open(vale('a'));
  using b = open(vale('b'));
  if (a.device !== 'engine') return;
  const address = a.indirect(new Uint8Array(100).fill(0xff));
  for (const wrong of [0n, 1n, address - 1n, address + 41n, 0xffff_ffff_ffff_fff0n]) sendFrom(a, wrong, 60);
  b.rxSync();
  t.equal(b.rxRings[0].available, 0);
  sendFrom(a, address + 40n, 60);
  b.rxSync();
  t.equal(b.rxRings[0].available, 1);
});

t.test('memory that has gone elsewhere stops the sync, not the process', async (t) => {
  using port = open(vale('c'));
  const memory = new Uint8Array(4096);
  const address = port.indirect(memory);
  structuredClone(memory.buffer, { transfer: [memory.buffer] });
  t.equal(memory.length, 0);
  const [ring] = port.txRings;
  ring.setPointer(ring.head, address);
  ring.setLength(ring.head, 60);
  ring.setFlags(ring.head, NS.INDIRECT);
  ring.advance(1);
  t.equal(
    codeOf(() => port.txSync()),
    'EFAULT',
  );
  t.equal(
    codeOf(() => port.poll(4)),
    'EFAULT',
  );
  t.equal(await port.writable().catch((error: { code: string }) => error.code), 'EFAULT');
  t.equal(await port.readable().catch((error: { code: string }) => error.code), 'EFAULT');
});

t.test('garbage', async (t) => {
  using port = open(vale('d'));
  for (const value of GARBAGE) {
    if (!(value instanceof Uint8Array))
      t.ok(
        codeOf(() => port.indirect(value as never)),
        String(value),
      );
  }
  t.equal(
    codeOf(() => port.indirect(new Uint8Array(0))),
    'ERR_OUT_OF_RANGE',
  );
  const Resizable = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
  const resizable = new Uint8Array(new Resizable(8, { maxByteLength: 16 }));
  t.equal(
    codeOf(() => port.indirect(resizable)),
    'ERR_INVALID_ARG_VALUE',
  );
});
