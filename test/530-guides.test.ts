import t from 'tap';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import './support/engine-folder';
import { root } from './child';
import { Cli, run } from './support/cli';

/** The commands of a page, block by block. */
function blocks(page: string): string[][][] {
  const text = readFileSync(join(root, 'docs/guide', page), 'utf8');
  return [...text.matchAll(/```sh\n([^]*?)```/g)].map(([, code]) =>
    code
      .trim()
      .split('\n')
      .map((line) => line.replace(/^npx node-netmap /, '').split(' ')),
  );
}

for (const page of ['generate.md', 'latency.md']) {
  t.test(`the commands of ${page}`, async (t) => {
    for (const commands of blocks(page)) {
      // Two terminals: the first command of such a block goes on while the second one runs.
      const [first] = commands;
      const waits = first[0] === 'sink' || first[0] === 'pong';
      const other = waits ? new Cli(t, first) : undefined;
      await other?.said(/ on the engine: /);
      for (const args of waits ? commands.slice(1) : commands) {
        const { code, stdout, stderr } = await run(t, args);
        t.equal(code, 0, `${args.join(' ')}: ${stderr}`);
        t.match(stdout, /sent [1-9]\d* packets|asked 100 questions/);
      }
      if (!other) continue;
      const { code, stdout } = await other.ended;
      t.equal(code, 0, first.join(' '));
      t.match(stdout, /received [1-9]|sent back [1-9]/);
    }
  });
}
