import { openSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { root } from './child';
import './support/engine-folder';
import { Cli, run, start } from './support/cli';
import { plainNode } from './support/plain-node';

const [node, ...options] = plainNode;
const main = join(root, 'lib/cli/main.js');

/** Runs a tool with its standard output on a disk that is full. */
function full(...args: string[]) {
  const stdio = ['ignore' as const, openSync('/dev/full', 'w'), 'pipe' as const];
  return spawnSync(node, [...options, main, ...args], { stdio, encoding: 'utf8', timeout: 30_000 });
}

t.test('a standard output that is full ends a tool, with one line that says so', async (t) => {
  for (const args of [
    ['sink', 'null:', '--csv', '--every', '0.1'],
    ['generate', 'null:', '--json'],
    ['top', '--every', '0.1'],
    ['ports'],
    ['--help'],
  ]) {
    const { status, stderr } = full(...args);
    t.equal(status, 1, args.join(' '));
    t.match(stderr, /^node-netmap: cannot write to standard output: ENOSPC/m);
    t.notMatch(stderr, / at .*\.js:/, 'no stack');
  }
  const { status, stderr } = full('capture', 'vale0:c', '-');
  t.equal(status, 1, 'a capture without a packet');
  t.match(stderr, /cannot write to standard output: no space left on device/);
});

t.test('a pipe that nobody reads any more is no failure', async (t) => {
  for (const args of ['--help', 'sink --help', 'probe', 'sink null: --csv --every 0.1', 'top --json --every 0.1']) {
    const command = [...plainNode, main, ...args.split(' ')].map((word) => `'${word}'`).join(' ');
    const script = `${command} | head -c 1 > /dev/null; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', timeout: 30_000 });
    t.equal(stdout, '0\n', `${args}: ${stderr}`);
    t.notMatch(stderr, /EPIPE/);
  }
});

t.test('a report for which there is no room: the summary comes all the same', async (t) => {
  const { code, stdout, stderr } = await run(t, ['generate', 'null:', '--count', '5', '--report', '/dev/full']);
  t.equal(code, 1);
  t.match(stdout, /^sent 5 packets/m);
  t.match(stderr, 'node-netmap: cannot write the report: ENOSPC: no space left on device, write (/dev/full)');
});

t.test('signals without end: the exit status is that of the work', async (t) => {
  const capture = await start(t, ['capture', 'vale0:c', join(t.testdir(), 'out.pcap.gz')]);
  const timer = setInterval(() => capture.kill('SIGTERM'), 1);
  const { code, signal, summary } = await capture.ended;
  clearInterval(timer);
  t.match({ code, signal, summary }, { code: 0, signal: null, summary: { type: 'summary', command: 'capture' } });
});

t.test('emulate --csv --every: rows, and nothing else, on standard output', async (t) => {
  const emulate = new Cli(t, ['emulate', 'vale1:a', 'vale2:b', '--csv', '--every', '0.1', '--duration', '0.35']);
  const { code, stdout, stderr } = await emulate.ended;
  t.equal(code, 0);
  const [head, ...rows] = stdout.trim().split('\n');
  t.match(head, /^elapsed,seconds,packets,bytes,pps,bps,/);
  t.ok(rows.length >= 3, 'as often as was asked for');
  for (const row of rows) t.match(row, /^[\d.,]+$/);
  t.match(stderr, /passed on 0 packets/);
});

t.test('numbers that are too large are told where they end', async (t) => {
  const cases: [string[], RegExp][] = [
    [['sink', 'null:', '--every', '1e9'], /must be seconds, greater than 0 and at most 2147483,/],
    [['sink', 'null:', '--count', '99999999999999999999'], /must be a whole number from 1 to 9007199254740991,/],
    [
      ['generate', 'null:', '--vary', 'srcIp=10.0.0.9-10.0.0.1'],
      /"vary.srcIp" must go .*, received '10.0.0.9-10.0.0.1'/,
    ],
  ];
  const all = await Promise.all(cases.map(([args]) => run(t, args)));
  all.forEach(({ code, stderr }, k) => {
    t.equal(code, 2);
    t.match(stderr, cases[k][1]);
  });
});
