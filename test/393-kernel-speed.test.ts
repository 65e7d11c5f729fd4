import { spawn, type ChildProcess } from 'node:child_process';
import t, { type Test } from 'tap';
import { vale } from './folder';
import { runTool, skip, startTool } from './support/kernel';

// Next to upstream's pkt-gen, in the same minute on the same machine: figures that are printed and never judged.
const pktGen = process.env.NODE_NETMAP_PKT_GEN;
const SECONDS = 5;

interface Rates {
  sent: number;
  received: number;
}

async function ours(t: Test): Promise<Rates> {
  const sink = await startTool(t, ['sink', vale('b')]);
  const sent = await runTool(t, ['generate', vale('a'), '--duration', String(SECONDS)]);
  const got = await sink.stop();
  return {
    sent: sent.summary.pps as number,
    received: (got.summary.packets as number) / (sent.summary.seconds as number),
  };
}

async function theirs(t: Test): Promise<Rates> {
  const receiver = new Program(t, ['-i', vale('b'), '-f', 'rx', '-w', '1']);
  await sleep(3);
  const sender = new Program(t, ['-i', vale('a'), '-f', 'tx', '-w', '1']);
  await sleep(SECONDS + 3); // until it has begun
  const tx = await sender.stop();
  const rx = await receiver.stop();
  const seconds = /in ([\d.]+) seconds/.exec(tx)?.[1] ?? NaN;
  const packets = (text: string) => Number(/(?:Sent|Received) (\d+) packets/.exec(text)?.[1] ?? NaN);
  return { sent: packets(tx) / Number(seconds), received: packets(rx) / Number(seconds) };
}

class Program {
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  private text = '';

  constructor(t: Test, args: string[]) {
    this.child = spawn(pktGen!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.text += text));
    }
    this.ended = new Promise((done) => this.child.on('close', () => done()).on('error', () => done()));
    t.teardown(() => this.child.kill('SIGKILL'));
  }

  async stop(): Promise<string> {
    this.child.kill('SIGINT');
    await this.ended;
    return this.text;
  }
}

function sleep(seconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, 1000 * seconds));
}

t.test('beside pkt-gen', { skip: skip || (pktGen ? false : 'no pkt-gen given') }, async (t) => {
  const mpps = (rate: number) => `${(rate / 1e6).toFixed(2)} Mpps`;
  const rates = { 'node-netmap': await ours(t), 'pkt-gen': await theirs(t) };
  for (const [who, { sent, received }] of Object.entries(rates)) {
    t.comment(`note: ${who} over a switch: sent ${mpps(sent)}, received ${mpps(received)}`);
  }
  const ratio = (key: keyof Rates) => (rates['node-netmap'][key] / rates['pkt-gen'][key]).toFixed(2);
  t.comment(`note: node-netmap / pkt-gen: ${ratio('sent')} sent, ${ratio('received')} received`);
  t.pass('printed, not judged');
});
