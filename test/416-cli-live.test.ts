import t from 'tap';
import './support/engine-folder';
import { run, type Line } from './support/cli';

const QUICK = ['--device', 'engine', '--rate', '20k', '--duration', '0.5', '--every', '0.1'];

t.test('a table for people', async (t) => {
  const { code, stdout } = await run(t, ['generate', 'null:', ...QUICK]);
  t.equal(code, 0);
  const [start, head, ...rows] = stdout.split('\n');
  t.match(start, /^null: on the engine: /);
  t.match(head, /^ +time +packets\/s +bit\/s +packets$/);
  t.match(rows[0], /^ +\d+\.\d s +[\d.]+ k?pps +[\d.]+ [kM]?bit\/s +\d+$/);
  t.equal(rows[0].length, head.length, 'columns stand under their headings');
  t.equal(stdout.split('\n').filter((line) => line === head).length, 1);
});

t.test('comma-separated values: rows add up to the whole, and the rest goes to standard error', async (t) => {
  const { code, stdout, stderr } = await run(t, ['generate', 'null:', ...QUICK, '--csv']);
  t.equal(code, 0);
  const [head, ...rows] = stdout.trim().split('\n');
  t.equal(head, 'elapsed,seconds,packets,bytes,pps,bps');
  const numbers = rows.map((row) => row.split(',').map(Number));
  t.ok(numbers.every((row) => row.length === 6 && row.every((value) => Number.isFinite(value) && value >= 0)));
  const sum = (column: number) => numbers.reduce((total, row) => total + row[column], 0);
  t.match(stderr, new RegExp(`sent ${sum(2)} packets, ${sum(3)} bytes`));
});

t.test('worker threads: each has a column, and count and rate are divided', async (t) => {
  const args = ['null:', '--device', 'engine', '--threads', '2', '--count', '2001', '--rate', '20k', '--every', '0.05'];
  const csv = await run(t, ['generate', ...args, '--csv']);
  t.match(csv.stdout, /^elapsed,seconds,packets,bytes,pps,bps,thread 0 pps,thread 1 pps\n/);
  t.match(csv.stderr, /sent 2001 packets/);
  const json = await run(t, ['generate', ...args, '--json']);
  t.match(json.summary, { packets: 2001, histograms: { late: { count: 2001 } } });
  // At their own 10k each, 2001 packets take 0.1 s; a thread with the whole rate would take half of that.
  t.ok(Number(json.summary.seconds) > 0.09, `${String(json.summary.seconds)} s`);
  const intervals = json.lines.filter(({ type }: Line) => type === 'interval');
  t.ok(intervals.every(({ threads }) => Array.isArray(threads) && threads.length === 2));
});

t.test('what threads cannot do is said', async (t) => {
  const few = await run(t, ['generate', 'null:', '--threads', '3', '--count', '2']);
  t.match(few, { code: 2, stderr: /--threads" must be at most 2/ });
  const rings = await run(t, ['sink', 'vale0:b@conf:rings=2', '--device', 'engine', '--threads', '3']);
  t.match(rings, { code: 2, stderr: /rx rings of 'vale0:b@conf:rings=2'/ });
  const both = await run(t, ['sink', 'vale0:b', '--threads', '1', '--count', '3']);
  t.match(both, { code: 2, stderr: /cannot be used with option/ });
  const forms = await run(t, ['sink', 'vale0:b', '--csv', '--json']);
  t.match(forms, { code: 2, stderr: /cannot be used with option/ });
});
