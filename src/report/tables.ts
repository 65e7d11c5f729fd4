import type { HistogramData, Share } from '../apps/details';
import { escape, number } from './text';

/** How many parts of a whole are shown. */
const MOST_SHARES = 20;

/** `packetsPerSecond` as `packets per second`. */
function words(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
}

function rows(entries: [string, string][]): string {
  return entries.map(([name, value]) => `<tr><th>${escape(name)}</th><td>${escape(value)}</td></tr>`).join('\n');
}

/** The plain values of a summary. */
export function summaryTable(summary: object): string {
  const entries = Object.entries(summary)
    .filter(([, value]) => ['number', 'string', 'boolean'].includes(typeof value))
    .map(([name, value]): [string, string] => [
      words(name),
      typeof value === 'number' ? number(value) : String(value as string | boolean),
    ]);
  return `<table>\n${rows(entries)}\n</table>`;
}

/** Percentiles in microseconds, one column per distribution. */
export function percentileTable(histograms: Record<string, HistogramData>): string {
  const names = Object.keys(histograms).filter((name) => histograms[name].count > 0);
  if (names.length === 0) return '';
  const us = (ns: number) => number(ns / 1000);
  const percentiles = [...new Set(names.flatMap((name) => Object.keys(histograms[name].percentiles)))];
  const line = (label: string, value: (data: HistogramData) => string) =>
    `<tr><th>${label}</th>${names.map((name) => `<td>${escape(value(histograms[name]))}</td>`).join('')}</tr>`;
  return `<h2>Percentiles, in microseconds</h2>
<table>
<tr><th></th>${names.map((name) => `<th>${escape(words(name))}</th>`).join('')}</tr>
${line('values', ({ count }) => number(count))}
${line('least', ({ min }) => us(min))}
${line('mean', ({ mean }) => us(mean))}
${percentiles.map((p) => line(`${escape(p)} %`, (data) => (p in data.percentiles ? us(data.percentiles[p]) : ''))).join('\n')}
${line('most', ({ max }) => us(max))}
</table>`;
}

/** What the whole is made of, as bars. */
export function shareTable(name: string, shares: Share[]): string {
  const all = shares.reduce((sum, { packets }) => sum + packets, 0);
  if (all === 0) return '';
  const shown = shares.slice(0, MOST_SHARES);
  const rest = shares.slice(MOST_SHARES);
  if (rest.length > 0) {
    const sum = (field: 'packets' | 'bytes') => rest.reduce((total, share) => total + share[field], 0);
    shown.push({ name: `${rest.length} more`, packets: sum('packets'), bytes: sum('bytes') });
  }
  const bars = shown.map(({ name, packets, bytes }) => {
    const percent = (100 * packets) / all;
    return `<li><span class="bar" style="width:${percent.toFixed(2)}%"></span><span class="name">${escape(name)}</span>
<span class="part">${percent.toFixed(2)} %, ${number(packets)} packets, ${number(bytes)} bytes</span></li>`;
  });
  return `<h2>${escape(words(name).replace(/^./, (c) => c.toUpperCase()))}</h2>\n<ol class="shares">\n${bars.join('\n')}\n</ol>`;
}
