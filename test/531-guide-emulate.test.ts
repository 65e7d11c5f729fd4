import { scratch } from './folder';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { presets, udpFrame } from 'node-netmap';
import t from 'tap';
import { root } from './child';
import { classic } from './make-capture';
import { Cli, run } from './support/cli';
import { range } from './support/numbered-frames';

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
      .map((line) => line.replace(/^npx node-netmap /, '').match(/'[^']*'|\S+/g)!)
      .map((words) => words.map((word) => word.replace(/^'(.*)'$/, '$1'))),
  );

/** The files that it shows. */
const files = fences.filter(({ language }) => language === '').map(({ text }) => text);

function goesOn(args: string[]): boolean {
  return args[0] === 'sink' || (args[0] === 'emulate' && !args.includes('--offline') && !args.includes('--control'));
}

// 2.2 Mbit/s on the wire for six seconds.
const data = udpFrame({ length: 1000 });
const packets = range(1600).map((k) => {
  const us = 3724 * k;
  return { data, time: [1600000000 + Math.floor(us / 1e6), us % 1e6] as [number, number] };
});
writeFileSync(join(scratch, 'in.pcap'), classic(packets));
for (const text of files) {
  writeFileSync(join(scratch, text.startsWith('# link.conf') ? 'link.conf' : 'cellular.trace'), text);
}

t.equal(blocks.length, 9);
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

/** The plotted delays of a page, in ms. */
function delays(page: string): number[] {
  const html = readFileSync(join(scratch, page), 'utf8');
  const json = /<script type="application\/json" id="record">([^]*?)<\/script>/.exec(html)![1];
  const { curves } = JSON.parse(json) as { curves: { title: string; lines: { values: (number | null)[] }[] }[] };
  t.equal(curves[0].title, 'Delay over time');
  return curves[0].lines[0].values.filter((ms) => ms !== null);
}

t.test('the pages show what the text says: CoDel keeps the delay short where a long queue does not', (t) => {
  const [bloated, codel] = [delays('bloated.html'), delays('codel.html')];
  t.ok(bloated.at(-1)! > 400, `it grows to ${bloated.at(-1)} ms`);
  t.ok(
    bloated.every((ms, k) => k === 0 || ms >= bloated[k - 1]),
    'and grows all the time',
  );
  const settled = codel.slice(codel.length / 2);
  t.ok(Math.max(...settled) < 30, `${Math.max(...settled)} ms`);
  t.end();
});

t.test('the trace and the satellite: delays are what the text says', (t) => {
  const cellular = delays('cellular.html');
  t.ok(Math.min(...cellular) >= 30 && Math.max(...cellular) > 100, 'grows where the trace is slow');
  t.end();
});

t.test('the table of presets is that of the code', (t) => {
  const text = (rate: string) => rate.replace(/^([\d.]+)/, '$1 ');
  for (const [name, { out, in: down }] of Object.entries(presets)) {
    const row = `| \`${name}\` | ${text(out.bandwidth as string)} | ${text(down.bandwidth as string)} |`;
    const { milliseconds } = out.delay as { milliseconds: number };
    t.ok(guide.includes(`${row} ${2 * milliseconds} ms |`), row);
  }
  t.end();
});
