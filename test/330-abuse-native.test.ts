import t from 'tap';
import { createRequire } from 'node:module';
import { scratch } from './folder';
import { GARBAGE } from './throws';

// The addon itself, below the typed layer: it may refuse, it may not crash.
const load = createRequire(__filename);
const { native } = load('../../lib/native') as typeof import('../lib/native');

// lend() makes the files that it is told to.
process.chdir(scratch);

type Method = (...args: unknown[]) => unknown;

function attempt(f: () => unknown): unknown {
  try {
    return f();
  } catch (error) {
    return error;
  }
}

const prototype = native().NativePort.prototype as unknown as Record<string, Method>;
const methods = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');

t.test('wrong receivers are a TypeError', async (t) => {
  const uint8 = new Uint8Array(9);
  for (const name of methods) {
    for (const receiver of [undefined, null, 1, 'x', {}, [], uint8, prototype, Object.create(prototype), native()]) {
      const outcome = attempt(() => prototype[name].call(receiver, 1, 1, 1));
      t.ok(outcome instanceof TypeError, `${name} of ${typeof receiver}`);
    }
  }
});

t.test('methods of a port that was never opened, and of a closed one', async (t) => {
  for (const closed of [false, true]) {
    const port = new (native().NativePort)();
    if (closed) {
      port.open('engine');
      port.close();
    }
    for (const name of methods) {
      if (name === 'open') continue;
      attempt(() => (port as unknown as Record<string, Method>)[name](1, 'x', new Uint8Array(60), [], 1, 1, 1, 1));
    }
    t.ok(port.txSync() > 0);
    t.ok(port.rxSync() > 0);
    t.equal(port.fd(), -1);
    port.close();
  }
});

t.test('garbage in every argument', async (t) => {
  for (const first of GARBAGE) {
    for (const second of GARBAGE) {
      const port = new (native().NativePort)();
      port.open('engine');
      for (const name of methods) {
        if (name === 'poll') continue; // could wait for ever, as asked
        attempt(() => (port as unknown as Record<string, Method>)[name](first, second, first, second, first, second));
        attempt(() => (port as unknown as Record<string, Method>)[name](second));
      }
      port.close();
    }
    for (const second of GARBAGE) attempt(() => (native().checksum as Method)(first, second, second, first));
  }
  t.pass('still alive');
});

t.test('garbage for the emulator', async (t) => {
  const { NativeEmulator, NativePort, NativeRuleset } = native();
  const names = Object.getOwnPropertyNames(NativeEmulator.prototype).filter((name) => name !== 'constructor');
  const rules = new NativeRuleset(true, 1, 16, 0, 0);
  const data = new Uint8Array(100);
  for (const first of GARBAGE) {
    const number = typeof first === 'number' ? first : 64;
    for (const second of [undefined, null, {}, 7, 'x']) {
      for (const ruleset of [rules, first]) {
        const made: unknown = attempt(
          () => new (NativeEmulator as unknown as new (...args: unknown[]) => object)(ruleset, second),
        );
        if (made instanceof Error) continue;
        const emulator = made as Record<string, Method>;
        const port = new NativePort();
        if (second === null) port.open('engine');
        const rings = new Float64Array([number]);
        const lane = { from: port, to: port, rings, heads: rings, toRings: rings, toHeads: rings, swap: true };
        attempt(() => emulator.start({ lanes: [lane, second], threads: first }));
        attempt(() => emulator.configure('pipe 1 config delay 1s\nadd pipe 1 ip from any to any', second));
        for (const name of names) attempt(() => emulator[name](first, second, first, second, first));
        for (const place of [0, 1, 100, 0xffffffff]) {
          const places = new Uint32Array([place, 100 - place, 1, place, place, place]);
          attempt(() => emulator.put(data, places, new Float64Array([number, 1]), first));
          attempt(() => emulator.put(data, places, new Float64Array([1, 2]), 2));
          attempt(() => emulator.put(data, places, new Float64Array([1]), 2));
        }
        attempt(() => emulator.fetch());
        port.close();
      }
    }
  }
  t.pass('still alive');
});

t.test('requests of every type with bodies of every size', async (t) => {
  for (let type = 0; type < 18; type++) {
    if (type === 13) continue; // the kernel's loop does not come back
    for (const size of [0, 1, 8, 56, 64, 4096, 4097]) {
      const port = new (native().NativePort)();
      if (port.open('engine')) return t.pass('no engine here');
      for (const name of ['', 'x', 'vale0:a', 'n'.repeat(63), 'n'.repeat(64), 'a\0b']) {
        attempt(() => port.control(type, name, new Uint8Array(size), []));
        attempt(() => port.control(type, name, null, [new Uint8Array(24)]));
        attempt(() => port.control(type, name, null, [new Uint8Array(4096).fill(5), new Uint8Array(23)]));
      }
      attempt(() => port.map(size));
      port.txSync();
      port.close();
    }
  }
  t.pass('still alive');
});

t.test('constructor without new', async (t) => {
  t.ok(attempt(() => (native().NativePort as unknown as Method)()) instanceof TypeError);
});
