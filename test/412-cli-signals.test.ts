import { scratch, vale } from './folder';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PcapReader } from 'node-netmap';
import t from 'tap';
import { classic } from './make-capture';
import { Cli, run, start } from './support/cli';

const slow = join(scratch, 'slow.pcap');
writeFileSync(
  slow,
  classic([
    { data: new Uint8Array(60), time: [1, 0] },
    { data: new Uint8Array(60), time: [1000, 0] },
  ]),
);

const TOOLS: [what: string, args: string[]][] = [
  ['a generator at full load', ['generate', 'null:']],
  ['a generator that waits for the next packet', ['generate', 'null:', '--rate', '0.01']],
  ['a generator that waits for room in a pipe', ['generate', 'netmap:full{1']],
  ['an idle sink', ['sink', vale('b')]],
  ['an idle capture', ['capture', vale('c'), join(scratch, 'idle.pcap')]],
  ['a replay that waits for the next packet', ['replay', slow, vale('r')]],
  ['a replay that goes round for ever', ['replay', slow, vale('r'), '--loop', '0', '--top-speed']],
];

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  for (const [what, args] of TOOLS) {
    t.test(`${signal}: ${what}`, async (t) => {
      const tool = await start(t, args);
      await new Promise((later) => setTimeout(later, 100));
      const asked = performance.now();
      const { code, signal: by, summary, stderr } = await tool.stop(signal);
      t.equal(code, 0);
      t.equal(by, null);
      t.equal(stderr, '');
      t.match(summary, { type: 'summary', packets: Number, bytes: Number, seconds: Number, pps: Number });
      t.ok(performance.now() - asked < 5000, 'promptly');
    });
  }
}

t.test('a sink under full load', async (t) => {
  const sink = await start(t, ['sink', vale('b'), '--check']);
  const generator = await start(t, ['generate', vale('a')]);
  await new Promise((later) => setTimeout(later, 300));
  const got = await sink.stop('SIGINT');
  t.equal(got.code, 0);
  t.ok((got.summary.packets as number) > 0);
  const sent = await generator.stop('SIGINT');
  t.equal(sent.code, 0);
});

t.test('a capture under load holds whole packets, and as many as it says', async (t) => {
  const file = join(scratch, 'loaded.pcap');
  const capture = await start(t, ['capture', vale('c'), file]);
  const generator = await start(t, ['generate', vale('a'), '--rate', '50k']);
  await new Promise((later) => setTimeout(later, 300));
  const { code, summary } = await capture.stop('SIGINT');
  await generator.stop();
  t.equal(code, 0);
  t.equal([...PcapReader.open(file)].length, summary.packets);
  t.equal(summary.fileBytes, readFileSync(file).length);
});

t.test('two signals, as from npm, are as good as one', async (t) => {
  const tool = await start(t, ['sink', vale('b')]);
  tool.kill('SIGINT');
  const { code, summary } = await tool.stop('SIGINT');
  t.equal(code, 0);
  t.equal(summary.type, 'summary');
});

t.test('nobody reads the output any more', async (t) => {
  const tool = new Cli(t, ['generate', 'null:']);
  await tool.said(/null/);
  tool.child.stdout!.destroy();
  const { code, signal } = await tool.ended;
  t.equal(code, 0);
  t.equal(signal, null);
});

t.test(
  'an idle sink takes no processor time',
  { skip: process.platform === 'linux' ? false : 'needs /proc' },
  async (t) => {
    const sink = await start(t, ['sink', vale('b')]);
    await sink.said(/interval/);
    const ticks = () => {
      const fields = readFileSync(`/proc/${sink.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
      return Number(fields[11]) + Number(fields[12]);
    };
    const before = ticks();
    await new Promise((later) => setTimeout(later, 3000));
    t.ok(ticks() - before <= 6, `${ticks() - before} hundredths of a second in 3 seconds`);
    t.equal((await sink.stop()).code, 0);
  },
);

t.test('a command that is over leaves no port behind', async (t) => {
  const { summary } = await run(t, ['ports', '--json']);
  t.equal(summary.ports, 0);
});
