/** What each worker thread runs: opens its ring, makes its app, and does as it is told. */

import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { open } from '../../open';
import type { Port } from '../../port';
import type { App } from '../app';
import type { Traffic } from '../meter';
import { toPlain } from './errors';
import type { Assignment, Order, Word } from './messages';

/** What a module that makes apps exports by default. */
type Maker = (port: Port, options: unknown, place: { index: number; threads: number }) => App | Promise<App>;

const work = workerData as Assignment;
const main = parentPort!;

function say(word: Word): void {
  main.postMessage(word);
}

run()
  .catch((error: unknown) => say({ type: 'failed', error: toPlain(error) }))
  .finally(() => main.close()); // nothing keeps the thread alive any more

async function run(): Promise<void> {
  const port = open(work.port, work.open);
  try {
    const app = await makeApp(port);
    const ordered = new Promise<void>((start) => {
      main.on('message', (order: Order) => {
        if (order === 'start') start();
        else if (order === 'tell') say({ type: 'stats', stats: app.stats() });
        else {
          app.stop();
          start();
        }
      });
    });
    say({ type: 'ready' });
    await ordered;
    await follow(app);
  } finally {
    port.close();
  }
}

async function follow(app: App): Promise<void> {
  const timer = setInterval(() => say({ type: 'stats', stats: app.stats() }), work.every);
  let failure: unknown;
  try {
    await app.start();
  } catch (error) {
    failure = error;
  }
  clearInterval(timer);
  const told: { stats: Traffic; details: ReturnType<App['details']> } = { stats: app.stats(), details: app.details() };
  say(failure === undefined ? { type: 'done', ...told } : { type: 'failed', error: toPlain(failure), ...told });
}

async function makeApp(port: Port): Promise<App> {
  const { app, module, options, index, threads } = work;
  const make = module === undefined ? await ownApp(app) : await foreignApp(module);
  return make(port, options, { index, threads });
}

async function ownApp(name: string): Promise<Maker> {
  const apps = (await import('../index.js')) as unknown as Record<string, new (port: Port, options: unknown) => App>;
  return (port, options) => new apps[name](port, options);
}

async function foreignApp(module: string): Promise<Maker> {
  // A CommonJS module may have been compiled from `export default`.
  const loaded = (await import(module.startsWith('/') ? pathToFileURL(module).href : module)) as { default: unknown };
  const { default: found } = loaded;
  const make = typeof found === 'object' && found !== null && 'default' in found ? found.default : found;
  if (typeof make !== 'function') throw new TypeError(`the module '${module}' has no function as its default export`);
  return make as Maker;
}
