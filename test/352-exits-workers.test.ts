import './folder';
import { root } from './child';
import { endsAt, PORT } from './support/stages';

endsAt([
  ['with a sync loop', `netmap.open(${PORT}, { csb: true }).startKloop(); process.exit(3)`, 3],
  ['with a sync loop, unref', `netmap.open(${PORT}, { csb: true }).unref().startKloop({ sleepUs: 1e6 });`, 0],
  ['with a sync loop that has ended', `netmap.open(${PORT}, { csb: true }).startKloop().stop();`, 0],
  [
    'with a sync loop in a worker',
    `const { Worker } = require('node:worker_threads');
     const code = 'globalThis.p = require(' + JSON.stringify(${JSON.stringify(root)}) + ').open(' + JSON.stringify(${PORT}) +
       ', { csb: true }); p.startKloop()';
     const worker = new Worker(code, { eval: true });
     worker.once('online', () => setTimeout(() => worker.terminate().then(() => process.exit(3)), 50));`,
    3,
  ],
  [
    'with a worker that polls',
    `const { Worker } = require('node:worker_threads');
     const code = 'require(' + JSON.stringify(${JSON.stringify(root)}) + ').open(' + JSON.stringify(${PORT}) + ').poll(1, -1)';
     new Worker(code, { eval: true }).once('online', () => setTimeout(() => process.exit(3), 20));`,
    3,
  ],
]);
