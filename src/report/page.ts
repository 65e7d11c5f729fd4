import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunRecord } from '../apps/run-record';
import { histogramCurves } from './histogram-curves';
import { seriesCurves } from './series-curves';
import { percentileTable, shareTable, summaryTable } from './tables';
import { escape, number, scriptJson } from './text';

function asset(name: string): string {
  return readFileSync(join(__dirname, '../../assets/report', name), 'utf8');
}

/** uPlot draws; it goes into the page whole, so that the page needs nothing else. */
function plotter(name: string): string {
  return readFileSync(join(dirname(require.resolve('uplot')), name), 'utf8');
}

/**
 * A page that shows a run: rates and losses over time, distributions, shares, the summary. One HTML document with all that it
 * needs inside; it asks no server for anything.
 *
 * ```ts
 * const recorder = new Recorder(sink, 'sink');
 * ...
 * writeFileSync('run.html', reportPage(recorder.record()));
 * ```
 */
export function reportPage(record: RunRecord): string {
  const { tool, ports, device, started, seconds, histograms, shares, summary, curves = [] } = record;
  const drawn = [...seriesCurves(record), ...curves, ...histogramCurves(histograms)];
  const title = `${tool} ${ports.join(' ')}`;
  const figures = drawn.map(
    ({ title, note }, k) =>
      `<figure id="plot-${k}"><figcaption><h2>${escape(title)}</h2>${note ? `<p>${escape(note)}</p>` : ''}</figcaption></figure>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title)}</title>
<style>
${plotter('uPlot.min.css')}
${asset('page.css')}
</style>
<main>
<h1>${escape(title)}</h1>
<p>${escape(device)}, ${escape(started.replace('T', ' ').replace(/\..*/, ' UTC'))}, ${number(seconds)} seconds</p>
${figures.join('\n')}
${percentileTable(histograms)}
${Object.entries(shares)
  .map(([name, parts]) => shareTable(name, parts))
  .join('\n')}
<h2>Summary</h2>
${summaryTable(summary)}
<p class="small">Plots: uPlot, MIT licence, Copyright (c) 2022 Leon Sorokin.</p>
</main>
<script>
${plotter('uPlot.iife.min.js')}
</script>
<script type="application/json" id="curves">${scriptJson(drawn)}</script>
<script type="application/json" id="record">${scriptJson(record)}</script>
<script>
${asset('page.js')}
</script>
</html>
`;
}
