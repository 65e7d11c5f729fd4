/** The app of each function of pkt-gen; as a module it makes those of worker threads. */

import type { App, FrameHook, SinkStats, Traffic } from '../../apps';
import { Generator } from '../../apps/generator';
import { PingPong } from '../../apps/ping-pong';
import { Sink } from '../../apps/sink';
import { native } from '../../native';
import type { Port } from '../../port';
import { dump, dumpSlot } from './dump';
import { frameOf, headerBytes, packetsOf } from './packets';
import { Rubbish } from './rubbish';
import { say } from './say';
import { NumberChecker, NumberedSender } from './sequence';
import { burstOf, type PktGenOptions } from './options';
import { Sweep } from './sweep';

/** Counters of every function; ping and pong know no batches. */
export type PktGenStats = Traffic & {
  batches?: number;
  /** Least free slots of an rx ring since this was asked last, -1: there was no packet. */
  leastRoom?: number;
};

/** Options of a run, and what was found out about its port. */
export interface PktGenTask extends PktGenOptions {
  portHeader: number;
}

/** How long, in ms, nothing comes before `-W` ends. */
const SILENCE = 1000;

interface Place {
  index: number;
  threads: number;
}

/** Which CPU was asked for is not there: that is said, and it goes on. */
function pin({ affinity, cpus }: PktGenOptions, index: number): void {
  if (affinity < 0) return;
  const error = native().pinThread((affinity + index) % Math.max(cpus, affinity + 1));
  if (error !== 0) say('setaffinity [703]', `Unable to set affinity: errno ${error}`);
}

export function makeApp(port: Port, task: PktGenTask, { index, threads }: Place): App<PktGenStats> {
  pin(task, index);
  switch (task.function) {
    case 'tx':
      return sender(port, task, { index, threads });
    case 'txseq':
      return numberedSender(port, task);
    case 'rx':
    case 'rxseq':
      return new Receiver(port, task, threads);
    default:
      return pingPong(port, task);
  }
}

export default makeApp;

function sender(port: Port, task: PktGenTask, { index, threads }: Place): App<PktGenStats> {
  const { size, rate, rubbish, portHeader } = task;
  const count = task.count > 0 ? Math.floor(task.count / threads) : Infinity;
  const burst = burstOf(task);
  if (rubbish) return new Rubbish(port, port.txRings, { size: size + portHeader, count, burst, rate });
  const { hook, ...packets } = packetsOf(task, index, portHeader);
  return new Generator(port, {
    ...packets,
    ...{ count, numbered: false, rings: 'all' },
    ...(rate > 0 ? { rate, burst } : { batch: burst }),
    hook: both([hook, task.dump ? dump : undefined]),
  });
}

function numberedSender(port: Port, task: PktGenTask): App<PktGenStats> {
  const { size, rate, portHeader: header, fragments, isV6 } = task;
  const headers = headerBytes(isV6);
  const packet = Buffer.concat([Buffer.alloc(header), frameOf(task, Math.max(size, headers + 4))]);
  const hook: FrameHook | undefined = task.dump ? (_u8, _at, _length, ring, slot) => dumpSlot(ring, slot) : undefined;
  const how = { header, headers, sweep: new Sweep(task, 0), hook };
  const slots = { size: size + header, count: Infinity, burst: burstOf(task), rate, fragments };
  return new NumberedSender(port, packet, how, slots);
}

/** A sink that tells how full rings were; for `rxseq` each slot counts as a packet. */
class Receiver extends Sink {
  private readonly checker: NumberChecker | undefined;
  private readonly forever: boolean;

  constructor(port: Port, task: PktGenTask, threads: number) {
    const numbers = task.function === 'rxseq' ? new NumberChecker(task.portHeader) : undefined;
    const count = task.count > 0 && !numbers ? Math.floor(task.count / threads) : Infinity;
    const hook = both([task.dump ? dump : undefined, numbers?.hook]);
    super(port, { count, hook });
    this.checker = numbers;
    this.forever = task.forever;
  }

  /** Unless it goes on forever, it waits for the first packet as long as that takes, and for others a second. */
  protected override async run(): Promise<void> {
    let packets = 0;
    let since = performance.now();
    const look = () => {
      const now = super.stats().packets;
      if (now !== packets || now === 0) since = performance.now();
      packets = now;
      if (performance.now() - since >= SILENCE) this.stop();
    };
    const timer = this.forever ? undefined : setInterval(look, SILENCE / 20);
    await super.run().finally(() => clearInterval(timer));
  }

  override stats(): SinkStats & PktGenStats {
    const stats = super.stats();
    return { ...stats, packets: stats.packets + (this.checker?.further ?? 0), leastRoom: this.takeLeastRoom() };
  }
}

function pingPong(port: Port, task: PktGenTask): App<PktGenStats> {
  const { function: name, count, rate, size, srcMac, dstMac, src, dst } = task;
  if (task.isV6) say('ping_body [1424]', 'Warning: ping-pong with IPv6 not supported');
  const most = count > 0 ? count : undefined;
  if (name === 'pong') return new PingPong(port, { role: 'pong', count: most });
  const addresses = {
    srcMac,
    dstMac,
    srcIp: src.first,
    dstIp: dst.first,
    srcPort: src.firstPort,
    dstPort: dst.firstPort,
  };
  const burst = burstOf(task);
  return new PingPong(port, {
    ...{ count: most, timeout: 3, burst, interval: rate > 0 ? burst / rate : 0 },
    frame: { length: Math.max(60, size), ...(task.isV6 ? { srcMac, dstMac } : addresses) },
  });
}

function both(hooks: readonly (FrameHook | undefined)[]): FrameHook | undefined {
  const given = hooks.filter((hook) => hook !== undefined);
  if (given.length <= 1) return given[0];
  return (...frame) => given.forEach((hook) => hook(...frame));
}
