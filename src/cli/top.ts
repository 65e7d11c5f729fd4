import Table from 'cli-table3';
import { Option, type Command } from 'commander';
import { NetmapError } from '../errors';
import { ports } from '../ports';
import { probe } from '../probe';
import { interval, whole } from './arguments';
import { bitRate, count, packetRate, percent } from './format';
import { addCommon, type CommonOptions } from './options';
import { onClosedOutput, Output } from './output';
import { StopSignals } from './stop-signals';
import { Rates, type PortRates } from './top-rates';

interface TopOptions extends CommonOptions {
  once?: boolean;
  csv?: boolean;
  every: number;
  count: number;
}

/** Back to the upper left corner, and nothing below what is written then. */
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

export function addTop(program: Command): void {
  const command = program
    .command('top')
    .description('watch the switches and ports of the engine: rates, drops, how full rings are; disturbs nobody')
    .option('--once', 'look once, for one interval, and end')
    .option('--every <S>', 'seconds between looks', interval, 1)
    .option('--count <N>', 'looks (default: no end)', whole(1), Infinity)
    .addOption(new Option('--csv', 'a line of comma-separated values for each port and look').conflicts('json'));
  addCommon(command, ['top', 'top --once', 'top --every 0.2 --json', 'top --csv --count 60']).action(top);
}

async function top({ json = false, csv = false, device, once, every, count: looks }: TopOptions): Promise<void> {
  if (device === 'kernel') {
    const hint = 'leave --device out to watch those of the engine';
    throw new NetmapError(`the kernel module does not list its ports; ${hint}`, { code: 'ERR_NETMAP_DEVICE', hint });
  }
  const output = new Output(json, csv);
  const signals = new StopSignals();
  onClosedOutput(() => signals.ask());
  const { folder } = probe().engine;
  output.tell('start', { command: 'top', device: 'engine', folder }, `the engine in ${folder}`);
  const screen = process.stdout.isTTY && output.format === 'text';
  if (screen) process.stdout.write('\x1b[2J');
  if (csv) output.row(CSV_COLUMNS);
  const start = performance.now();
  const rates = new Rates();
  rates.next(ports());
  let seen = 0;
  await new Promise<void>((done, failed) => {
    const look = () => {
      try {
        const now = rates.next(ports());
        seen++;
        if (json) {
          // A line in any case: who only pipes to `head` finds out by writing that nobody reads any more.
          output.tell('look', { looks: seen, ports: now.length }, '');
          for (const each of now) output.tell('port', each, '');
        } else if (csv) for (const each of now) output.row(csvRow((performance.now() - start) / 1000, each));
        else show(now, screen, folder);
      } catch (error) {
        return end(error as Error);
      }
      if (once || seen >= looks) end();
    };
    const end = (error?: Error) => {
      clearInterval(timer);
      if (error) failed(error);
      else done();
    };
    const timer = setInterval(look, 1000 * every);
    signals.listen(() => end());
  });
  if (json) {
    const nothing = { device: 'engine', port: null, packets: 0, seconds: 0, pps: 0 };
    output.tell('summary', { command: 'top', looks: seen, ...nothing }, '');
  }
}

const CSV_COLUMNS = [
  ...['elapsed', 'port', 'processes', 'txPps', 'txBps', 'rxPps', 'rxBps', 'droppedPps', 'undeliveredPps'],
  ...['txUsed', 'txSlots', 'rxUsed', 'rxSlots'],
];

/** Several processes, or rings, in one value, with spaces between them. */
function csvRow(elapsed: number, port: PortRates): (string | number)[] {
  const { name, owners, txPps, txBps, rxPps, rxBps, droppedPps, undeliveredPps } = port;
  const { txUsed, txSlots, rxUsed, rxSlots } = port;
  return [
    ...[elapsed, name, owners.join(' '), txPps, txBps, rxPps, rxBps, droppedPps, undeliveredPps],
    ...[txUsed.join(' '), txSlots, rxUsed.join(' '), rxSlots],
  ];
}

function show(all: readonly PortRates[], screen: boolean, folder: string): void {
  const switches = new Set(all.map(({ switchName }) => switchName).filter((name) => name !== '')).size;
  const time = new Date().toTimeString().slice(0, 8);
  const total = all.reduce((sum, { txPps }) => sum + txPps, 0);
  const head = `${time}   ${count(switches, 'switch').replace('switchs', 'switches')}, ${count(all.length, 'port')}, ${packetRate(total)} sent`;
  const text = all.length === 0 ? `${head}\nno port is open` : `${head}\n${table(all)}`;
  if (!screen) return void process.stdout.write(`${text}\n`);
  const lines = [`node-netmap top: the engine in ${folder}`, ...text.split('\n')].slice(
    0,
    (process.stdout.rows || 24) - 1,
  );
  process.stdout.write(`${HOME}${lines.map((line) => `${line}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}`);
}

function table(all: readonly PortRates[]): string {
  const table = new Table({
    head: ['port', 'processes', 'sent', '', 'received', '', 'dropped', 'not delivered', 'tx rings', 'rx rings'],
    colAligns: ['left', 'left', ...new Array<'right'>(8).fill('right')],
    style: { head: [], border: [], compact: true },
  });
  for (const port of all) {
    table.push([
      port.name,
      port.owners.join(' '),
      packetRate(port.txPps),
      bitRate(port.txBps),
      packetRate(port.rxPps),
      bitRate(port.rxBps),
      port.droppedPps > 0
        ? `${packetRate(port.droppedPps)} (${percent(port.droppedPps, port.droppedPps + port.rxPps)})`
        : '0',
      port.undeliveredPps > 0 ? packetRate(port.undeliveredPps) : '0',
      fill(port.txUsed, port.txSlots),
      fill(port.rxUsed, port.rxSlots),
    ]);
  }
  return table.toString();
}

/** How full rings are: of many, the fullest. */
function fill(used: readonly number[], slots: number): string {
  if (used.length === 0 || slots < 2) return '-';
  const share = (value: number) => `${Math.round((100 * value) / (slots - 1))} %`;
  return used.length <= 4 ? used.map(share).join(' ') : `${used.length} x, up to ${share(Math.max(...used))}`;
}
