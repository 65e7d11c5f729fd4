/**
 * A worker may be terminated in the middle of a native call. Whatever the call still asks of JavaScript then fails, and that
 * must end the call, not the process.
 */
import t from 'tap';
import './support/engine-folder';
import { root, runNode } from './child';
import { vale } from './folder';

/** What runs over and over in a worker: preparations, and the loop's body. */
const CASES: [string, string, string][] = [
  ['makes rulesets', '', `new netmap.Ruleset('add count ip from any to any');`],
  [
    'reads what rules have logged',
    `const rules = new netmap.Ruleset('add allow log ip from any to any', { logEntries: 4096 });
     rules.on('log', () => {});
     const [from, to] = ends();`,
    `for (let k = 0; k < 64; k++) from.inject(frame);
     from.txSync(); to.rxSync(); rules.classify(to.rxRings[0]);
     to.rxRings[0].advance(to.rxRings[0].available);`,
  ],
  [
    'simulates',
    `const emulator = new netmap.Emulator('pipe 1 config queue 2 delay 1ms bw 1Mbit/s\\nadd pipe 1 log ip from any to any', { seed: 7 });
     emulator.on('drop', () => {});
     emulator.on('log', () => {});
     let now = 0;`,
    `for (let k = 0; k < 64; k++) emulator.put(frame, { time: now });
     emulator.advance((now += 1e6)); emulator.apply('show'); emulator.flows(1);`,
  ],
  ['makes emulators', '', `new netmap.Emulator('pipe 1 config delay 1ms\\nadd pipe 1 ip from any to any').stats();`],
  [
    'counts what a sink has seen',
    `const [from, to] = ends();
     const sink = new netmap.Sink(to, { protocols: true, flows: true, latency: true, gaps: true });
     sink.start();
     for (let k = 0; k < 64; k++) from.inject(netmap.udpFrame({ srcPort: 1 + k }));
     from.txSync(); to.rxSync();`,
    `sink.stats(); sink.details();`,
  ],
  ['opens ports', '', `netmap.open(${JSON.stringify(vale('a'))}).close();`],
  [
    'asks about ports',
    `netmap.open(${JSON.stringify(vale('a'))});`,
    `netmap.portInfo(${JSON.stringify(vale('a'))}); netmap.regionInfo(); netmap.poolsInfo(${JSON.stringify(vale('a'))});`,
  ],
];

const PROLOGUE = `
const netmap = require(${JSON.stringify(root)});
const { parentPort, threadId } = require('node:worker_threads');
const frame = netmap.udpFrame();
const ends = () => [netmap.open('netmap:t' + threadId + '{1'), netmap.open('netmap:t' + threadId + '}1')];
`;

for (const [what, before, again] of CASES) {
  t.test(`workers terminated while each ${what}`, async (t) => {
    const worker = `${PROLOGUE}${before}\nlet told = false;
      for (;;) { ${again}\nif (!told) { told = true; parentPort.postMessage('on'); } }`;
    const { code, signal, stdout, stderr } = await runNode(`
      const { Worker } = require('node:worker_threads');
      (async () => {
        for (let k = 0; k < 12; k++) {
          const worker = new Worker(${JSON.stringify(worker)}, { eval: true });
          await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
          await new Promise((resolve) => setTimeout(resolve, k % 5));
          await worker.terminate();
        }
        console.log('all ended');
      })();
    `);
    t.equal(signal, null);
    t.equal(code, 0, stderr);
    t.match(stdout, /all ended/);
  });
}
