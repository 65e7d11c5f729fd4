import { Option, type Command } from 'commander';
import type { App, Details, SinkOptions, SinkStats } from '../apps';
import { Sink } from '../apps/sink';
import { Workers } from '../apps/workers';
import { assignments, portName, positive, whole } from './arguments';
import { describeTraffic } from './describe';
import { addLoggingFilter, filterOf, openFilter, warnOfSilentLog, type FilterOptions, type OpenFilter } from './filter';
import { count, percent } from './format';
import { addCommon, addRun, type RunOptions } from './options';
import { describeHistograms, histogramFields } from './percentiles';
import { runTool } from './tool';

interface SinkCommandOptions extends RunOptions, FilterOptions {
  count?: number;
  timeout?: number;
  duration?: number;
  check?: boolean;
  latency?: boolean;
  gaps?: boolean;
  protocols?: boolean;
  flows?: boolean;
  threads?: number;
  match?: Record<string, string>;
}

export function addSink(program: Command): void {
  const command = program
    .command('sink')
    .description('receive packets and count them')
    .argument('<PORT>', 'port to receive by', portName)
    .option('--count <N>', 'packets to receive (default: no end)', whole(1))
    .option('--timeout <S>', 'end after so many seconds without a packet', positive('seconds'))
    .option('--duration <S>', 'seconds until the end (default: none)', positive('seconds'))
    .option('--check', 'verify checksums and sequence numbers: lost, reordered, duplicated, corrupt')
    .option('--latency', 'measure how long packets took that `generate --timestamps` sent on this machine')
    .option('--gaps', 'measure the times between packets')
    .option('--protocols', 'count by protocol and by length')
    .option('--flows', 'count packets of each flow, and show the largest')
    .option(
      '--match <FIELD=VALUES>',
      'look only at packets with that in a header field, several times: dstPort=80,443, srcIp=10.0.0.0/8, protocol=udp, vlan=!5',
      assignments,
    )
    .addOption(
      new Option(
        '--threads <N>',
        'worker threads, one for each rx ring: as many as the port has (default: no thread, all rings)',
      )
        .argParser(whole(1, 1024))
        .conflicts('count'),
    );
  addCommon(addRun(addLoggingFilter(command)), [
    'sink vale0:b',
    'sink vale0:b --check --timeout 2',
    'sink vale0:b --latency --flows --match protocol=udp --match dstPort=9',
    "sink vale0:b --protocols --filter 'tcp from 10.0.0.0/8 to any 80,443 setup'",
    "sink 'netmap:p}1' --count 1M --json",
    'sink vale0:b@conf:rings=4 --threads 4',
  ]).action(sink);
}

async function sink(name: string, options: SinkCommandOptions): Promise<void> {
  const { count, timeout, duration, check, latency, gaps, protocols, flows, match, threads } = options;
  const wanted: SinkOptions = { count, timeout, duration, check, latency, gaps, protocols, flows, match };
  let filter: OpenFilter | undefined;
  let app: App<SinkStats> | undefined;
  await runTool(
    {
      command: 'sink',
      direction: 'rx',
      make: (port, output) => {
        if (threads === undefined) {
          filter = openFilter(options, output);
          return (app = new Sink(port, { ...wanted, filter: filter?.rules }));
        }
        const text = filterOf(options);
        warnOfSilentLog(text, 'with --threads: each thread has rules of its own', output);
        return (app = new Workers<SinkStats, SinkOptions>(port, 'Sink', {
          threads,
          options: { ...wanted, filter: text },
        }));
      },
      close: () => filter?.close(),
      extra: () => ({ ...histogramFields(app!.details()), ...shareFields(app!.details()) }),
      describe: (stats) =>
        describeTraffic('received', stats) +
        describeDropped(stats) +
        describeCheck(stats) +
        describeUnmatched(stats) +
        describeHistograms(app!.details(), TITLES) +
        describeShares(app!.details(), stats.packets),
    },
    name,
    options,
  );
}

const TITLES = { latency: 'latency', gap: 'gaps' };
/** Shares that are shown. */
const TOP = 10;

function shareFields({ shares = {} }: Details): object {
  return Object.keys(shares).length > 0 ? { shares } : {};
}

function describeShares({ shares = {} }: Details, all: number): string {
  return Object.entries(shares)
    .map(([name, list]) => {
      const lines = list.slice(0, TOP).map((share) => `\n  ${percent(share.packets, all).padStart(8)}  ${share.name}`);
      return `\n${name}:${lines.join('')}${list.length > TOP ? `\n  and ${list.length - TOP} more` : ''}`;
    })
    .join('');
}

function describeUnmatched({ unmatched, skewed }: SinkStats): string {
  const others = unmatched === undefined ? '' : `\n${count(unmatched, 'packet')} did not match`;
  return others + (skewed ? `\n${count(skewed, 'packet')} carry the time of another clock` : '');
}

/** What did not fit; nothing where the device does not tell. */
export function describeDropped({ packets, dropped }: Pick<SinkStats, 'packets' | 'dropped'>): string {
  if (dropped === null) return '';
  return `\ndropped ${count(dropped, 'packet')} (${percent(dropped, packets + dropped)})`;
}

function describeCheck({ lost, reordered, duplicated, corrupt, unnumbered, streams }: SinkStats): string {
  if (lost === undefined) return '';
  const counts = `lost ${lost}, reordered ${reordered}, duplicated ${duplicated}, corrupt ${corrupt}`;
  const others = unnumbered ? `; ${count(unnumbered, 'packet')} without a sequence number` : '';
  return `\nchecked: ${counts} (${count(streams ?? 0, 'generator')})${others}`;
}
