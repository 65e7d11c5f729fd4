import { vale } from './folder';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { root } from './child';

/** A program that has an emulator running; it has to end by itself, without a signal. */
function program(body: string, name: string) {
  const ports = JSON.stringify([vale(`${name}1`), vale(`${name}2`).replace(':', 'x:')]);
  const script = `
    const { Emulation, Emulator, open } = require(${JSON.stringify(join(root, 'lib'))});
    const { isMainThread, Worker, parentPort } = require('node:worker_threads');
    const make = () => {
      const [a, b] = ${ports}.map((name) => open(name));
      const emulation = new Emulation(a, b, new Emulator('pipe 1 config delay 1s\\nadd pipe 1 ip from any to any'), { spin: true });
      return { a, b, emulation, done: emulation.start() };
    };
    ${body}`;
  return spawnSync(process.execPath, ['--expose-gc', '-e', script], { encoding: 'utf8', timeout: 100_000 });
}

const ENDS: Record<string, string> = {
  'process.exit()': 'make(); setTimeout(() => process.exit(0), 50);',
  'an exception':
    "make(); process.on('uncaughtException', () => process.exit(0)); setTimeout(() => { throw new Error(); }, 50);",
  'closing both ports':
    'const { a, b, done } = make(); setTimeout(() => { a.close(); b.close(); }, 50); done.then(() => {});',
  'stop, and no more references': `
    (async () => {
      for (let k = 0; k < 5; k++) {
        const { a, b, emulation, done } = make();
        setTimeout(() => emulation.stop(), 10);
        await done;
        a.close();
        b.close();
        gc();
      }
    })();`,
  'ports closed, and stats afterwards': `
    const { a, b, emulation, done, } = make();
    a.close(); b.close(); gc();
    done.then(() => { if (emulation.stats().inside !== 0) process.exit(3); });`,
  'a worker that is terminated': `
    const worker = new Worker(\`
      const { Emulation, Emulator, open } = require(${JSON.stringify(join(root, 'lib'))});
      const [a, b] = ['vale7:w1', 'vale6:w2'].map((name) => open(name));
      void new Emulation(a, b, new Emulator(), { spin: true }).start();
      require('node:worker_threads').parentPort.postMessage('runs');
    \`, { eval: true });
    worker.on('message', () => setTimeout(() => worker.terminate(), 50));
    worker.on('exit', () => process.exit(0));`,
};

for (const [k, [name, body]] of Object.entries(ENDS).entries()) {
  t.test(name, async (t) => {
    const { status, signal, stderr } = program(body, String(k));
    t.strictSame([status, signal, stderr], [0, null, '']);
  });
}
