// That the benchmarks run and give figures. What the figures are is no matter of a test.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { root } from './child';
import { plainNode } from './support/plain-node';

const linux = process.platform === 'linux';
const main = join(root, 'bench', '.build', 'main.js');

interface Message {
  type: string;
  benchmark?: string;
  who?: string;
  figure?: string;
  reason?: string;
  median?: number;
  ratio?: number;
}

function bench(...args: string[]): Promise<{ code: number | null; messages: Message[]; errors: string }> {
  const [command, ...rest] = [...plainNode, main, ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const lines = output.split('\n').filter((line) => line !== '');
      resolve({ code, errors, messages: args.includes('--json') ? lines.map((line) => JSON.parse(line)) : [] });
    });
  });
}

const QUICK = ['--seconds', '0.05', '--runs', '1', '--json', '--device', 'engine'];

t.test('every benchmark gives its figures', { skip: !linux }, async (t) => {
  const { code, messages, errors } = await bench(...QUICK, '--no-peers', '--brief');
  t.equal(code, 0, errors);
  t.same(
    messages.filter(({ type }) => type === 'skipped'),
    [],
    'none is left out',
  );
  const figures = messages.filter(({ type }) => type === 'figure');
  t.same(
    [...new Set(figures.map(({ benchmark }) => benchmark))],
    [
      'ring-fill',
      'null',
      'pipe',
      'pipe-processes',
      'vale',
      'vale-processes',
      'vale-tools',
      'generate',
      'sink',
      'rate-control',
      'bridge',
      'distribute',
      'replay-timing',
      'replay-rate',
      'ping-pong',
      'ping-tool',
      'rules',
      'tables',
      'port-to-port',
      'emulate',
      'emulate-delay',
      'emulate-rate',
      'emulate-change',
      'schedulers',
      'idle-cpu',
      'memory',
      'preload',
    ],
  );
  for (const { benchmark, figure, median } of figures) {
    t.ok(Number.isFinite(median) && Number(median) >= 0, `${benchmark}: ${figure} ${median}`);
  }
  for (const { benchmark, median } of figures.filter(({ figure }) => figure === 'unaccounted' || figure === 'lost')) {
    t.equal(median, 0, `${benchmark}: every packet has arrived or is counted as dropped`);
  }
  t.equal(messages.at(-1)?.type, 'summary');
});

t.test('peers are measured beside them', { skip: !linux }, async (t) => {
  const { code, messages, errors } = await bench(...QUICK, '--brief', '--only', 'ring-fill,ping-pong');
  t.equal(code, 0, errors);
  const peers = messages.filter(({ type, who }) => type === 'figure' && who !== 'node-netmap');
  t.ok(peers.some(({ who, ratio }) => who === 'dgram on loopback' && Number(ratio) > 0));
  for (const name of ['the same in C++', 'a byte through pipe(2)']) {
    const told = messages.find(({ who }) => who === name);
    t.ok(told?.type === 'skipped' ? /compiler/.test(told.reason ?? '') : told?.type === 'figure', name);
  }
});

t.test('wrong usage', { skip: !linux }, async (t) => {
  for (const args of [
    ['--only', 'nothing'],
    ['--runs', '0'],
  ]) {
    const { code, errors } = await bench(...args);
    t.equal(code, 2, args.join(' '));
    t.match(errors, /error:/, args.join(' '));
  }
});
