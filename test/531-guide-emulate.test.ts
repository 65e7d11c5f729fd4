import { scratch } from './folder';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PcapReader, udpFrame } from 'node-netmap';
import t from 'tap';
import { root } from './child';
import { classic } from './make-capture';
import { Cli, run } from './support/cli';

const guide = readFileSync(join(root, 'docs/guide/emulate.md'), 'utf8');

/** What stands in fences, in its order, and which language it is in. */
const fences = [...guide.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language, text]) => ({ language, text }));

/** The commands of the page, block by block. */
const blocks = fences
  .filter(({ language }) => language === 'sh')
  .map(({ text }) =>
    text
      .trim()
      .split('\n')
      .map((line) => line.replace(/^npx node-netmap /, '').split(' ')),
  );

/** The files that it shows. */
const files = fences.filter(({ language }) => language === '').map(({ text }) => text);

function goesOn(args: string[]): boolean {
  return args[0] === 'sink' || (args[0] === 'emulate' && !args.includes('--offline') && !args.includes('--control'));
}

// 4 Mbit/s for a second and a half.
const data = udpFrame({ length: 1000 });
const packets = Array.from({ length: 750 }, (_, k) => ({ data, time: [1600000000, 2000 * k] as [number, number] }));
for (const packet of packets) packet.time = [1600000000 + Math.floor(packet.time[1] / 1e6), packet.time[1] % 1e6];
writeFileSync(join(scratch, 'in.pcap'), classic(packets));
for (const text of files) {
  writeFileSync(join(scratch, text.startsWith('# link.conf') ? 'link.conf' : 'cellular.trace'), text);
}

t.equal(blocks.length, 6);
t.equal(files.length, 2);
for (const commands of blocks) {
  t.test(commands.map((args) => args.join(' ')).join('; '), async (t) => {
    const others: Cli[] = [];
    for (const args of commands.filter(goesOn)) {
      const other = new Cli(t, args, { cwd: scratch });
      await other.said(/ on the engine/);
      others.push(other);
    }
    for (const args of commands.filter((args) => !goesOn(args))) {
      const { code, stderr } = await run(t, args, { cwd: scratch });
      t.equal(code, 0, `${args.join(' ')}: ${stderr}`);
      t.equal(stderr, '');
    }
    for (const other of others.reverse()) {
      const { code, stderr } = await other.stop('SIGINT');
      t.equal(code, 0);
      t.equal(stderr, '');
    }
    for (const args of commands) {
      const page = args.indexOf('--report');
      if (page > 0) t.ok(statSync(join(scratch, args[page + 1])).size > 10000);
    }
  });
}

t.test('CoDel keeps the delay short where a long queue does not', async (t) => {
  const last = (name: string) => {
    let time = 0;
    let count = 0;
    for (const { seconds, nanoseconds } of PcapReader.open(join(scratch, name))) {
      time = seconds - 1600000000 + nanoseconds / 1e9;
      count++;
    }
    return { time, count };
  };
  const [bloated, codel] = [last('bloated.pcap'), last('codel.pcap')];
  t.equal(bloated.count, 750);
  t.ok(bloated.time > 3, `${bloated.time} s`);
  t.ok(codel.time < bloated.time && codel.count < 750, `${codel.time} s, ${codel.count} packets`);
});
