// npm run soak [-- --packets N]: moves N packets (10^9) through a pipe and through a switch, random sizes, batches and
// pauses, and checks each byte. Exit status 1 when anything is lost on the pipe, lost and not counted on the switch, or
// when memory grows.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Report } from './member';

const GROWTH_KIB = 32 * 1024;

class Member {
  latest?: Report;
  /** Resident memory once it runs evenly, and the most since. */
  firstKiB = 0;
  mostKiB = 0;
  readonly ready: Promise<void>;
  readonly done: Promise<Report>;
  readonly ended: Promise<void>;
  private readonly child: ChildProcess;

  constructor(role: string, port: string, packets: number) {
    this.child = fork(join(__dirname, 'member.js'), [role, port, String(packets)]);
    this.ended = new Promise((resolve) => this.child.once('exit', () => resolve()));
    this.ready = new Promise((resolve) => this.child.once('message', () => resolve()));
    this.done = new Promise((resolve, reject) => {
      this.child.on('message', (message: Report | 'ready') => {
        if (message === 'ready') return;
        this.latest = message;
        if (message.packets > packets / 20 && this.firstKiB === 0) this.firstKiB = message.rssKiB;
        this.mostKiB = Math.max(this.mostKiB, message.rssKiB);
        if (message.done) resolve(message);
      });
      this.child.once('exit', (code, signal) => reject(new Error(`${role} ${port} ended: ${signal ?? code}`)));
    });
    this.done.catch(() => {});
  }

  finish(): void {
    this.child.send('over');
  }

  get growthKiB(): number {
    return this.firstKiB ? Math.max(0, this.mostKiB - this.firstKiB) : 0;
  }
}

function folderMiB(folder: string): number {
  let blocks = 0;
  for (const name of readdirSync(folder)) blocks += statSync(join(folder, name)).blocks;
  return blocks / 2048;
}

async function soak(kind: string, from: string, to: string, packets: number, folder: string): Promise<boolean> {
  const receiver = new Member('receive', to, packets);
  await receiver.ready;
  const begun = performance.now();
  const sender = new Member('send', from, packets);
  const note = setInterval(() => {
    const { packets: sent = 0 } = sender.latest ?? {};
    console.log(`  ${kind}: ${(sent / 1e6).toFixed(0)} million sent`);
  }, 30_000);
  const sent = await sender.done;
  const seconds = (performance.now() - begun) / 1000;
  const memory = folderMiB(folder);
  receiver.finish();
  const got = await receiver.done;
  sender.finish();
  clearInterval(note);
  await Promise.all([receiver.ended, sender.ended]);
  const lossless = kind === 'pipe';
  const growth = Math.max(sender.growthKiB, receiver.growthKiB);
  const good =
    got.wrong === 0 &&
    got.packets + got.missing === sent.packets &&
    got.missing === got.dropped &&
    (!lossless || got.missing === 0) &&
    growth < GROWTH_KIB;
  console.log(
    `${good ? 'ok    ' : 'FAILED'} ${kind}: ${sent.packets} sent, ${got.packets} received byte for byte, ${got.wrong} wrong, ` +
      `${got.missing} missing, ${got.dropped} counted as dropped; ${(got.bytes / 1e9).toFixed(1)} GB in ${seconds.toFixed(0)} s ` +
      `(${(sent.packets / seconds / 1e6).toFixed(1)} Mpps); memory: +${(growth / 1024).toFixed(1)} MiB in the ` +
      `processes, ${memory.toFixed(1)} MiB in the folder`,
  );
  return good;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { packets: { type: 'string', default: '1e9' } } });
  const packets = Math.floor(Number(values.packets));
  if (!(packets >= 1 && packets <= 4e9)) {
    console.error(`--packets ${values.packets}: a number from 1 to 4e9`);
    process.exit(2);
  }
  if (process.platform !== 'linux') {
    console.log('skipped: the engine runs on Linux');
    return;
  }
  const folder = mkdtempSync('/dev/shm/node-netmap-soak-');
  process.env.NODE_NETMAP_DIR = folder;
  process.env.NODE_NETMAP_DEVICE = 'engine';
  try {
    const half = Math.ceil(packets / 2);
    const pipe = await soak('pipe', 'netmap:soak{1', 'netmap:soak}1', half, folder);
    const vale = await soak('VALE', 'vale0:from', 'vale0:to', packets - half, folder);
    const left = readdirSync(folder);
    if (left.length > 0) console.log(`FAILED left in the folder: ${left.join(', ')}`);
    process.exitCode = pipe && vale && left.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
