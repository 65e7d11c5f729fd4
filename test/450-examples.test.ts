import { scratch } from './folder';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { Cli, run } from './support/cli';

const folder = resolve(__dirname, '../../examples');

const example = (name: string) => ({ script: `examples/${name}.mjs` });

t.test('each example has a test', async (t) => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
  const names = [
    'bufferbloat',
    'forwarder',
    'generator',
    'ping-pong',
    'sink',
    'top-ports',
    'twenty-lines',
    'worker-per-ring',
  ];
  t.strictSame(
    files.sort(),
    names.map((name) => `${name}.mjs`),
  );
});

t.test('twenty-lines', async (t) => {
  const text = readFileSync(resolve(folder, 'twenty-lines.mjs'), 'utf8');
  t.ok(text.trimEnd().split('\n').length <= 20);
  const { code, stdout } = await run(t, [], example('twenty-lines'));
  t.equal(code, 0);
  const [, sent, received, dropped] = /sent (\d+), received (\d+), dropped (\d+)/.exec(stdout)!.map(Number);
  t.equal(received + dropped, sent);
});

t.test('generator and sink', async (t) => {
  const sink = new Cli(t, ['netmap:example}1'], example('sink'));
  await sink.said(/waiting/);
  const generator = await run(t, ['netmap:example{1', '20000'], example('generator'));
  t.equal(generator.code, 0);
  t.match(generator.stdout, /sent 20000 packets on the (engine|kernel): [\d.]+ Mpps/);
  const { code, stdout } = await sink.ended;
  t.equal(code, 0);
  t.match(stdout, 'received 20000 packets: corrupt 0, lost 0, reordered 0, twice 0');
});

t.test('forwarder', async (t) => {
  const sink = new Cli(t, ['sink', 'netmap:far}1', '--check', '--count', '5000', '--json']);
  await sink.said(/start/);
  const forwarder = new Cli(t, ['netmap:near}1', 'netmap:far{1'], example('forwarder'));
  await forwarder.said(/copying|zero copy/);
  await run(t, ['generate', 'netmap:near{1', '--count', '5000']);
  t.match((await sink.ended).summary, { packets: 5000, lost: 0, corrupt: 0, reordered: 0 });
  const { code, stdout } = await forwarder.stop('SIGINT');
  t.equal(code, 0);
  t.match(stdout, 'forwarded 5000 packets');
});

t.test('forwarder between ports of one region', async (t) => {
  const sink = new Cli(t, ['sink', 'netmap:near2}2', '--check', '--count', '5000', '--json']);
  await sink.said(/start/);
  const forwarder = new Cli(t, ['netmap:near2}1', 'netmap:near2{2'], example('forwarder'));
  await forwarder.said(/copying|zero copy/);
  await run(t, ['generate', 'netmap:near2{1', '--count', '5000']);
  t.match((await sink.ended).summary, { packets: 5000, lost: 0, corrupt: 0, reordered: 0 });
  t.equal((await forwarder.stop('SIGTERM')).code, 0);
});

t.test('ping-pong', async (t) => {
  const { code, stdout } = await run(t, ['500'], example('ping-pong'));
  t.equal(code, 0);
  t.match(stdout, /^500 round trips on the (engine|kernel): p50 [\d.]+ us, p99 [\d.]+ us, max [\d.]+ us\n$/);
});

t.test('worker-per-ring', async (t) => {
  const { code, stdout } = await run(t, ['3', '300'], example('worker-per-ring'));
  t.equal(code, 0);
  t.equal(stdout, 'ring 0: 300 packets\nring 1: 300 packets\nring 2: 300 packets\n');
});

t.test('top-ports, in one thread and in two', async (t) => {
  for (const [n, threads] of [[1], [2, '2']] as const) {
    const rings = `@conf:rings=${n}`;
    const app = new Cli(t, [`netmap:top${n}}1${rings}`, ...(threads ? [threads] : [])], example('top-ports'));
    await app.said(/counting/);
    const args = [`netmap:top${n}{1${rings}`, '--count', '6000', '--vary', 'dstPort=80,443,53', '--threads', String(n)];
    t.equal((await run(t, ['generate', ...args])).code, 0);
    const { code, stdout } = await app.stop('SIGINT');
    t.equal(code, 0);
    t.match(stdout, /received 6000 packets\nport \d+: 2000\nport \d+: 2000\nport \d+: 2000\n/);
  }
});

t.test('bufferbloat: CoDel keeps the delay short at nearly the same rate', async (t) => {
  const page = join(scratch, 'bufferbloat.html');
  const { code, stdout } = await run(t, [page], example('bufferbloat'));
  t.equal(code, 0);
  const read = (name: string) =>
    new RegExp(`${name}: ([\\d.]+) Mbit/s, delay p50 (\\d+) ms`).exec(stdout)!.slice(1).map(Number);
  const [[rate, delay], [codelRate, codelDelay]] = [read('droptail'), read('codel')];
  t.ok(codelRate > 0.9 * rate, stdout);
  t.ok(codelDelay < delay / 4, stdout);
  t.match(readFileSync(page, 'utf8'), /Delay over time/);
});
