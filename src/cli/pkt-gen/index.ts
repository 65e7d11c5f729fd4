import type { Command } from 'commander';
import { setTimeout as after } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import type { App } from '../../apps';
import { Workers } from '../../apps/workers';
import { open } from '../../open';
import { getPortHeader, setPortHeader, type PortHeaderLength } from '../../port-header';
import type { Port } from '../../port';
import { onClosedOutput } from '../output';
import { StopSignals } from '../stop-signals';
import { makeApp, type PktGenStats, type PktGenTask } from './app';
import { interfaceMtu } from './interface';
import { BIT, burstOf, parseOptions, PktGenUsage, type PktGenOptions } from './options';
import { PingLines } from './ping-lines';
import { RateLines, summary } from './rate-lines';
import { say, Seldom } from './say';
import { USAGE } from './usage';

/** What pkt-gen returns for wrong options. */
const WRONG = 255;

const FUNCTIONS = { tx: 'Sending on', txseq: 'Sending on', rx: 'Receiving from', rxseq: 'Receiving from' } as const;

export function addPktGen(program: Command): void {
  program
    .command('pkt-gen')
    .description("netmap's pkt-gen: its options and its lines, for scripts that use it (pkt-gen -h)")
    .argument('[ARGS...]', 'options of pkt-gen, for example -i vale0:a -f tx')
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action(pktGen);
}

async function pktGen(args: readonly string[]): Promise<void> {
  const signals = new StopSignals();
  onClosedOutput(() => signals.ask());
  try {
    const options = parseOptions(args);
    if (options === undefined) process.stderr.write(USAGE);
    else await run(options, signals);
  } catch (error) {
    if (!(error instanceof PktGenUsage)) throw error;
    say('main [3179]', error.message);
    process.stderr.write(USAGE);
    process.exitCode = WRONG;
  }
}

async function run(options: PktGenOptions, signals: StopSignals): Promise<void> {
  let port: Port;
  try {
    port = open(options.port, { ...options.conf, acceptVnetHdr: true });
  } catch (error) {
    say('main [3330]', (error as Error).message);
    say('main [3331]', 'aborting');
    process.exitCode = WRONG;
    return;
  }
  try {
    const task: PktGenTask = { ...options, portHeader: portHeader(port, options) };
    await runOn(port, task, signals);
  } finally {
    port.close();
  }
}

/** Bytes of virtio-net header that the port's packets begin with: those that were asked for, or that it has already. */
function portHeader({ name, device }: Port, { header }: PktGenOptions): number {
  if (!name.startsWith('vale')) return header;
  const bare = name.replace(/@.*$/, '');
  if (header > 0) setPortHeader(bare, header as PortHeaderLength, { device });
  const length = getPortHeader(bare, { device });
  if (length > 0 && header === 0) say('get_vnet_hdr_len [1225]', `Port requires virtio-net header, length = ${length}`);
  return length;
}

async function runOn(port: Port, task: PktGenTask, signals: StopSignals): Promise<void> {
  const { function: name, threads, wait } = task;
  const sends = name === 'tx' || name === 'txseq';
  const receives = name === 'rx' || name === 'rxseq';
  const queues = (sends ? port.txRings : port.rxRings).length;
  if (threads < 1 || (threads > queues && port.name !== 'null:')) {
    say('main [3291]', `bad nthreads ${threads}, have ${queues} queues`);
  }
  if (threads > 1 && name !== 'tx' && name !== 'rx') throw new PktGenUsage(`can only ${name} with 1 thread`);
  const mtu = sends ? interfaceMtu(task.port) : undefined;
  if (mtu !== undefined && task.size > mtu) {
    say('main [3283]', `pkt_size (${task.size}) must be <= mtu (${mtu})`);
    process.exitCode = WRONG;
    return;
  }
  if (task.verbose) describePort(port);
  const app = appOf(port, task);
  const where = FUNCTIONS[name as keyof typeof FUNCTIONS] ?? 'Working on';
  process.stdout.write(`${where} ${task.port}: ${queues} queues, ${threads} threads and ${task.cpus} cpus.\n`);
  if (sends) {
    process.stdout.write(`${task.src.text} -> ${task.dst.text} (${task.srcMac} -> ${task.dstMac})\n`);
  }
  describeBits(task);
  if (sends) describeSending(task, port);
  say('start_threads [2695]', `Wait ${wait} secs for phy reset`);
  await after(1000 * wait);
  say('start_threads [2697]', 'Ready...');
  const stats = await report(app, task, signals);
  if (sends || receives) process.stdout.write(summary(sends ? 'Sent' : 'Received', stats, task));
}

function appOf(port: Port, task: PktGenTask): App<PktGenStats> {
  const { threads, interval } = task;
  if (threads <= 1) return makeApp(port, task, { index: 0, threads: 1 });
  const module = pathToFileURL(join(__dirname, 'app.js'));
  const direction = task.function === 'tx' ? 'tx' : 'rx';
  return new Workers<PktGenStats, PktGenTask>(port, module, { options: task, threads, direction, every: interval });
}

function describePort(port: Port): void {
  const { txRings, rxRings, memId } = port;
  const base = Math.min(...[...txRings, ...rxRings].map(({ byteOffset }) => byteOffset));
  say('main [3293]', `nifp at offset ${base} ntxqs ${txRings.length} nrxqs ${rxRings.length} memid ${memId}`);
  for (const [k, ring] of txRings.entries()) {
    say('main [3298]', `   TX${k} at offset 0x${(ring.byteOffset - base).toString(16)} slots ${ring.numSlots}`);
  }
  for (const [k, ring] of rxRings.entries()) {
    say('main [3303]', `   RX${k} at offset 0x${(ring.byteOffset - base).toString(16)} slots ${ring.numSlots}`);
  }
}

function describeBits({ bits }: PktGenTask): void {
  if (bits === 0) return;
  const words = (['prefetch', 'access', 'memcpy', 'indirect', 'copy'] as const).filter((name) => bits & BIT[name]);
  const rubbish = bits & BIT.rubbish ? ' rubbish ' : '';
  say('main [3342]', `--- SPECIAL OPTIONS:${words.map((word) => ` ${word}`).join('')}${rubbish}\n`);
}

function describeSending(task: PktGenTask, { bufSize }: Port): void {
  const { rate, size, fragments, fragmentSize } = task;
  const burst = burstOf(task);
  const period = rate > 0 ? Math.floor((1e9 * burst) / rate) / 1e9 : 0;
  say('main [3369]', `Sending ${burst} packets every  ${period.toFixed(9)} s`);
  if (task.function === 'txseq') {
    if (task.count > 0) say('txseq_body [2067]', 'Ignoring -n argument');
    return;
  }
  const most = Math.min(bufSize, fragmentSize || Infinity);
  const even = Math.floor(size / fragments);
  const slots = even > most ? Math.ceil(size / most) : fragments;
  say('sender_body [1760]', `frags ${slots} frag_size ${Math.min(even, most)}`);
}

/** Runs an app and tells about it, line by line; what it has done in the end. */
async function report(app: App<PktGenStats>, task: PktGenTask, signals: StopSignals): Promise<PktGenStats> {
  const lines = new RateLines(task);
  const ping = task.function === 'ping' ? new PingLines(app) : undefined;
  const seldom = new Seldom(1);
  const timer = setInterval(() => {
    const stats = app.stats();
    if (stats.packets === 0 && (task.function === 'rx' || task.function === 'rxseq')) {
      seldom.say('receiver_body [1954]', 'waiting for initial packets, poll returns 0 0');
    }
    lines.tell(stats);
  }, task.interval);
  const pings = ping && setInterval(() => ping.tell(), 1000);
  signals.listen(() => {
    say('sigint_h [574]', 'received control-C on thread 0x0');
    app.stop();
  });
  try {
    await app.start();
  } finally {
    clearInterval(timer);
    clearInterval(pings);
  }
  const stats = app.stats();
  lines.end(stats);
  if (ping) {
    ping.tell();
    ping.end((stats as { sent?: number }).sent ?? 0);
  }
  return stats;
}
