/** The app of each function of pkt-gen; as a module it makes those of worker threads. */

import { Generator, PingPong, Sink, type App, type FrameHook, type SinkStats, type Traffic } from '../../apps';
import { native } from '../../native';
import type { Port } from '../../port';
import { dump } from './dump';
import type { PktGenOptions } from './options';
import { headerBytes, packetsOf } from './packets';
import { Rubbish } from './rubbish';
import { say } from './say';
import { checkNumbers, numberPackets } from './sequence';

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
    case 'txseq':
      return sender(port, task, { index, threads });
    case 'rx':
    case 'rxseq':
      return new Receiver(port, task, threads);
    default:
      return pingPong(port, task);
  }
}

export default makeApp;

function sender(port: Port, task: PktGenTask, { index, threads }: Place): App<PktGenStats> {
  const { function: name, size, rate, rubbish, portHeader } = task;
  const numbered = name === 'txseq';
  const count = task.count > 0 && !numbered ? Math.floor(task.count / threads) : Infinity;
  // At least something every 3 ms or so.
  const burst = rate > 0 ? Math.max(1, Math.min(task.burst, Math.floor(rate / 300))) : task.burst;
  if (rubbish) return new Rubbish(port, { size, count, burst, rate });
  const packets = packetsOf(task, index, portHeader);
  const hooks = [numbered && numberPackets(headerBytes(task.isV6) + portHeader), task.dump && dump].filter(
    (hook): hook is FrameHook => typeof hook === 'function',
  );
  return new Generator(port, {
    ...packets,
    ...{ count, numbered: false, rings: numbered ? undefined : 'all' },
    ...(rate > 0 ? { rate, burst } : { batch: burst }),
    hook: both(hooks),
  });
}

/** A sink that tells how full rings were. */
class Receiver extends Sink {
  constructor(port: Port, task: PktGenTask, threads: number) {
    const numbers = task.function === 'rxseq';
    const hooks: FrameHook[] = [...(task.dump ? [dump] : []), ...(numbers ? [checkNumbers()] : [])];
    const count = task.count > 0 && !numbers ? Math.floor(task.count / threads) : Infinity;
    super(port, { count, timeout: task.forever ? undefined : 1, hook: both(hooks) });
  }

  override stats(): SinkStats & PktGenStats {
    return { ...super.stats(), leastRoom: this.takeLeastRoom() };
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
  return new PingPong(port, {
    ...{ count: most, timeout: 3, interval: rate > 0 ? 1 / rate : 0 },
    frame: { length: Math.max(60, size), ...(task.isV6 ? { srcMac, dstMac } : addresses) },
  });
}

function both(hooks: readonly FrameHook[]): FrameHook | undefined {
  if (hooks.length <= 1) return hooks[0];
  return (...frame) => hooks.forEach((hook) => hook(...frame));
}
