import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { scratch } from './folder';
import { look, noBrowser, startBrowser } from './support/browser';
import { reportPage, type RunRecord } from 'node-netmap';

function record(): RunRecord {
  const seconds = Array.from({ length: 50 }, (_, k) => k / 10);
  const buckets = Array.from({ length: 200 }, (_, k): [number, number] => [Math.round(500 * 1.05 ** k), 1 + (k % 17)]);
  const count = buckets.reduce((sum, [, n]) => sum + n, 0);
  const latency = {
    unit: 'ns' as const,
    count,
    min: 500,
    max: 8e6,
    mean: 9e4,
    stddev: 10,
    percentiles: { 50: 1e5, 99: 5e6 },
    buckets,
  };
  return {
    format: 1,
    tool: 'sink',
    device: 'engine',
    ports: ['vale0:b</script><b>&"\u2028'],
    started: '2026-01-02T03:04:05.678Z',
    seconds: 4.9,
    series: {
      seconds,
      packets: seconds.map((s) => s * 1e6),
      bytes: seconds.map((s) => s * 6e7),
      dropped: seconds.map((s) => (s > 2 ? 100 : 0)),
    },
    histograms: { latency },
    shares: {
      flows: Array.from({ length: 30 }, (_, k) => ({ name: `10.0.0.${k} <udp>`, packets: 100 - k, bytes: 6000 })),
    },
    curves: [
      {
        title: 'Delay',
        x: { label: 'seconds', values: [1, 2, 3] },
        y: { label: 'ms' },
        lines: [{ label: 'ms', values: [5, null, 7] }],
      },
    ],
    summary: { packets: 4.9e6, seconds: 4.9, name: '<x>', nothing: null },
  };
}

t.test('a page with all that it needs, and nothing that runs in it by accident', async (t) => {
  const page = reportPage(record());
  t.notMatch(page, /(src|href)=["']?http/, 'asks no server');
  t.notMatch(page, /vale0:b<\/script>/, 'a name is text');
  t.match(page, /vale0:b&lt;\/script&gt;/);
  t.match(page, /<td>4,900,000<\/td>/);
  t.match(page, /10 more/, 'long lists end with the rest');
  const data = /id="record">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
  t.same(JSON.parse(data), JSON.parse(JSON.stringify(record())), 'the record is in the page');
  const bare = { ...record(), histograms: {}, shares: {}, curves: [], series: { seconds: [0] } };
  t.match(reportPage(bare), /<h2>Summary<\/h2>/, 'with nothing to draw');
});

t.test('--report writes the page of a run', async (t) => {
  const cli = join(__dirname, '../../lib/cli/main.js');
  const file = join(scratch, 'run.html');
  const args = [cli, 'generate', 'vale0:a', '--duration', '1', '--rate', '1000', '--report', file];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  t.equal(status, 0, stderr);
  t.match(readFileSync(file, 'utf8'), /<h1>generate vale0:a<\/h1>.*Packets per second/s);
  const nowhere = spawnSync(process.execPath, [...args.slice(0, -1), '/nowhere/x.html'], { encoding: 'utf8' });
  t.equal(nowhere.status, 1);
  t.match(nowhere.stderr, /cannot write the report: ENOENT.*\/nowhere\/x.html/);
});

t.test('in a browser', { skip: noBrowser }, async (t) => {
  const file = join(scratch, 'report.html');
  writeFileSync(file, reportPage(record()));
  t.equal((await look(t, await startBrowser(t), file)).length, 6);
});
