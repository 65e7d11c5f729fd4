// One end of a soak run, in a process of its own: member.js send|receive PORT PACKETS.
import { setTimeout as pause } from 'node:timers/promises';
import { open, POLL, type Port } from 'node-netmap';
import { read, write } from './packets';

/** What a member tells: once in a while, and at its end. */
export interface Report {
  done: boolean;
  packets: number;
  bytes: number;
  /** Packets with a byte that was not sent, or out of order. */
  wrong: number;
  /** Packets that others before and after them show to be missing. */
  missing: number;
  /** What the port counted as dropped. */
  dropped: number;
  rssKiB: number;
}

const [, , role, name, packets] = process.argv;
const total = Number(packets);
const report: Report = { done: false, packets: 0, bytes: 0, wrong: 0, missing: 0, dropped: 0, rssKiB: 0 };
const STEP = 1 << 22;

async function tell(done = false): Promise<void> {
  report.done = done;
  report.rssKiB = Math.round(process.memoryUsage.rss() / 1024);
  await new Promise((resolve) => process.send!({ ...report }, resolve));
}

async function send(port: Port): Promise<void> {
  const [ring] = port.txRings;
  let number = 0;
  let told = 0;
  while (number < total) {
    const room = ring.available;
    if (room === 0) {
      port.poll(POLL.OUT, 100);
      continue;
    }
    const batch = Math.min(1 + Math.floor(Math.random() * 512), room, total - number);
    let i = ring.head;
    for (let k = 0; k < batch; k++, i = ring.next(i)) report.bytes += write(port, ring, i, number++);
    ring.advance(batch);
    port.txSync();
    report.packets = number;
    if (Math.random() < 2e-5) await pause(Math.random() * 50);
    if (number - told >= STEP) {
      told = number;
      await tell();
    }
  }
  while (ring.pending > 0) port.poll(POLL.OUT, 100); // of a pipe: until all is read
  await tell(true);
  await new Promise((resolve) => process.once('message', resolve));
}

async function receive(port: Port): Promise<void> {
  const [ring] = port.rxRings;
  let expected = 0;
  let told = 0;
  let over = false;
  process.once('message', () => (over = true)); // the sender has ended
  for (let idle = 0; !over || idle < 3;) {
    if (!(port.poll(POLL.IN, 50) & POLL.IN)) {
      await pause(1);
      idle++;
      continue;
    }
    idle = 0;
    // Sometimes less than there is, so that packets stay over.
    const batch = Math.min(1 + Math.floor(Math.random() * 1024), ring.available);
    let i = ring.head;
    for (let k = 0; k < batch; k++, i = ring.next(i)) {
      report.bytes += ring.length(i);
      const number = read(port, ring, i);
      if (number < expected) {
        report.wrong++;
      } else {
        report.missing += number - expected;
        expected = number + 1;
      }
    }
    ring.advance(batch);
    report.packets += batch;
    if (Math.random() < 2e-5) await pause(Math.random() * 50);
    if (report.packets - told >= STEP) {
      told = report.packets;
      await tell();
      await pause(0); // lets the end be heard
    }
  }
  report.missing += total - expected;
  const counters = port.counters();
  report.dropped = counters ? counters.dropFull + counters.dropBusy : 0;
  await tell(true);
}

const port = open(name);
process.send!('ready');
void (role === 'send' ? send(port) : receive(port)).then(() => {
  port.close();
  process.disconnect();
});
