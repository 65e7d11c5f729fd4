/// <reference lib="dom" />
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { chromium } from 'playwright-core';
import { scratch } from './folder';
import { reportPage, type RunRecord } from 'node-netmap';

const CHROMIUM = '/usr/bin/chromium';

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

t.test('in a browser', { skip: !existsSync(CHROMIUM) && 'needs Chromium (apt-get install chromium)' }, async (t) => {
  const file = join(scratch, 'report.html');
  writeFileSync(file, reportPage(record()));
  const flags = ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', ...flags] });
  t.teardown(() => browser.close());
  for (const [device, viewport] of Object.entries({
    screen: { width: 1280, height: 800 },
    phone: { width: 360, height: 740 },
  })) {
    const page = await browser.newPage({ viewport });
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.goto(pathToFileURL(file).href);
    t.same(problems, [], `${device}: no errors`);
    t.equal(await page.getAttribute('html', 'data-drawn'), '6', `${device}: all curves are drawn`);
    t.equal(await page.locator('figure canvas').count(), 6);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    t.equal(wide, 0, `${device}: nothing sticks out to the side`);
    const inked = await page.evaluate(() =>
      Array.from(document.querySelectorAll('canvas')).every((canvas) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        const colours = new Set<number>();
        for (let k = 0; k < data.length; k += 4) colours.add((data[k] << 16) | (data[k + 1] << 8) | data[k + 2]);
        return colours.size > 5;
      }),
    );
    t.ok(inked, `${device}: there is something on each`);
    if (process.env.NM_SCREENSHOTS)
      await page.screenshot({ path: join(process.env.NM_SCREENSHOTS, `${device}.png`), fullPage: true });
    await page.close();
  }
});
