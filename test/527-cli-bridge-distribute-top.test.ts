import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { scratch, vale } from './folder';
import { run, start } from './support/cli';

function file(name: string, text: string): string {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

/** Sends packets into one port of a bridge between two switches, and counts them behind it. */
async function throughBridge(t: Test, options: string[], ports = [vale('x'), `v${vale('x')}`]) {
  const [a, b] = ports.map((name) => name.replace(/^vvale/, 'vale9').replace(/@.*/, ''));
  const bridge = await start(t, ['bridge', ports[0], ports[1].replace(/^vvale/, 'vale9'), ...options]);
  const sink = await start(t, ['sink', b.replace(/:x/, ':s@conf:rx-slots=4096')]);
  const sent = await run(t, ['generate', a.replace(/:x/, ':g'), '--count', '1000', '--rate', '20k', '--json']);
  t.equal(sent.code, 0);
  await sink.said(/"packets":[1-9]/);
  await new Promise((later) => setTimeout(later, 1200)); // a line a second
  const [forwarded, got] = [await bridge.stop(), await sink.stop()];
  t.strictSame([forwarded.code, got.code], [0, 0], forwarded.stderr);
  return { forwarded, got };
}

t.test('bridge between two switches', async (t) => {
  const { forwarded, got } = await throughBridge(t, []);
  const summary = forwarded.summary as unknown as { packets: number; directions: { packets: number }[] };
  t.equal(got.summary.packets, summary.packets);
  t.ok(summary.packets > 0 && summary.packets <= 1000);
  t.strictSame(
    summary.directions.map(({ packets }) => packets),
    [summary.packets, 0],
  );
});

t.test('bridge --hook: a module sees, changes and drops packets', async (t) => {
  const hook = file('hook.mjs', 'let n = 0;\nexport default [() => n++ % 2 === 0, undefined];\n');
  const { forwarded, got } = await throughBridge(t, ['--hook', hook]);
  const { packets, refused } = forwarded.summary as unknown as { packets: number; refused: number };
  t.ok(packets > 0 && Math.abs(packets - refused) <= 1, `${packets} and ${refused}`);
  t.equal(got.summary.packets, packets);
});

t.test('bridge --threads: a worker for each ring', async (t) => {
  const conf = '@conf:rings=2';
  const { forwarded, got } = await throughBridge(t, ['--threads'], [`${vale('x')}${conf}`, `v${vale('x')}${conf}`]);
  t.ok((forwarded.summary.packets as number) > 0);
  t.equal(got.summary.packets, forwarded.summary.packets);
});

t.test('bridge: what cannot be', async (t) => {
  const cases: [string[], RegExp][] = [
    [['--hook', 'nothing.mjs'], /cannot load the hook nothing.mjs/],
    [['--hook', file('number.mjs', 'export default 5;')], /must be a function, or an array of two/],
    [['--threads', '--count', '5'], /cannot be used with/],
  ];
  for (const [options, message] of cases) {
    const { code, stderr } = await run(t, ['bridge', vale('x'), vale('y'), ...options]);
    t.not(code, 0);
    t.match(stderr, message);
  }
  const { stderr } = await run(t, ['bridge', vale('x'), `${vale('y')}@conf:rings=2`, '--threads']);
  t.match(stderr, /as many as the other/);
});

t.test('distribute to pipes of the port, and to a group of another name', async (t) => {
  const distribute = await start(t, ['distribute', vale('in'), '--pipes', '2', '--pipes', 'rest:1:block']);
  const sinks = [];
  for (const name of [`${vale('in')}}0`, `${vale('in')}}1`, 'netmap:rest}0'])
    sinks.push(await start(t, ['sink', name]));
  const sent = await run(t, ['generate', vale('a'), '--count', '500', '--rate', '5k', '--flows', '50', '--json']);
  t.equal(sent.code, 0);
  await distribute.said(/"packets":[1-9]/);
  await new Promise((later) => setTimeout(later, 1200));
  const { code, summary } = await distribute.stop();
  const got = [];
  for (const sink of sinks) got.push((await sink.stop()).summary.packets as number);
  t.equal(code, 0);
  t.match(summary, { undelivered: 0 });
  t.ok(got[0] > 0 && got[1] > 0, `${got.join(', ')}`);
  t.strictSame([got[0] + got[1], got[2]], [summary.packets, summary.packets]);
});

t.test('distribute: to ports by name; wrong command lines', async (t) => {
  const one = await start(t, ['distribute', vale('in'), 'netmap:one{1', '--block', '--count', '10']);
  const sink = await start(t, ['sink', 'netmap:one}1', '--count', '10']);
  await run(t, ['generate', vale('a'), '--count', '10']);
  t.match((await one.ended).summary, { packets: 10, consumers: [{ port: 'netmap:one{1', packets: 10 }] });
  t.equal((await sink.ended).code, 0);
  const many = await run(t, ['distribute', vale('in'), '--pipes', '20', '--duration', '0.1', '--json']);
  t.equal((many.summary.consumers as object[]).length, 20, many.stderr);
  for (const pipes of ['0', 'x', '5:full', '2000']) {
    const { code, stderr } = await run(t, ['distribute', vale('in'), '--pipes', pipes]);
    t.equal(code, 2, pipes);
    t.match(stderr, /number of pipes/);
  }
  const both = await run(t, ['distribute', vale('in'), 'netmap:one{1', '--pipes', '2']);
  t.equal(both.code, 2);
});

t.test('top: rates, drops, how full rings are', async (t) => {
  const sink = await start(t, ['sink', `${vale('slow')}@conf:rx-slots=16`]);
  sink.kill('SIGSTOP');
  const generate = await start(t, ['generate', vale('busy'), '--rate', '2k']);
  const { code, lines, summary } = await run(t, ['top', '--every', '0.3', '--count', '2', '--json']);
  const csv = await run(t, ['top', '--every', '0.3', '--count', '2', '--csv']);
  const text = await run(t, ['top', '--once', '--every', '0.2']);
  await generate.stop();
  sink.kill('SIGCONT');
  await sink.stop();
  t.equal(code, 0);
  t.match(summary, { looks: 2, command: 'top' });
  const last = (name: string) => lines.filter((line) => line.type === 'port' && line.name === name).at(-1)!;
  t.ok((last(vale('busy')).txPps as number) > 0);
  t.ok((last(vale('slow')).droppedPps as number) > 0);
  t.match(last(vale('slow')), { rxUsed: [15], rxSlots: 16 });
  const [head, ...rows] = csv.stdout
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  t.equal(csv.code, 0, csv.stderr);
  const row = (name: string) =>
    Object.fromEntries(
      rows
        .filter((each) => each[1] === name)
        .at(-1)!
        .map((v, k) => [head[k], v]),
    );
  t.match(row(vale('slow')), { rxUsed: '15', rxSlots: '16', processes: String(sink.child.pid) });
  t.ok(Number(row(vale('busy')).txPps) > 0 && Number(row(vale('slow')).droppedPps) > 0);
  t.ok(rows.length === 4 && rows.every(({ length }) => length === head.length), csv.stdout);
  t.equal(text.code, 0);
  t.match(text.stdout, new RegExp(`${vale('slow')}[^\\n]*100 %`));
});

t.test(
  'top on a terminal draws over itself',
  { skip: spawnSync('script', ['--version']).error ? 'needs script(1)' : false },
  (t) => {
    const main = join(__dirname, '../../lib/cli/main.js');
    const { stdout, status } = spawnSync(
      'script',
      ['-qec', `'${process.execPath}' '${main}' top --count 2 --every 0.1`, '/dev/null'],
      { encoding: 'utf8' },
    );
    t.equal(status, 0);
    t.equal(stdout.split('\x1b[H').length, 3);
    t.match(stdout, /no port is open/);
    t.end();
  },
);
