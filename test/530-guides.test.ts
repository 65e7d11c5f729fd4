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

/** Commands that go on until Ctrl-C: the rest of their block is for another terminal. */
const GO_ON = ['sink', 'pong', 'capture'];

for (const page of ['generate.md', 'latency.md', 'replay.md']) {
  t.test(`the commands of ${page}`, async (t) => {
    const cwd = t.testdir();
    for (const commands of blocks(page)) {
      const goesOn = commands.filter(([command]) => GO_ON.includes(command));
      const others: Cli[] = [];
      for (const args of goesOn) {
        const other = new Cli(t, args, { cwd });
        await other.said(/ on the engine: /);
        others.push(other);
      }
      for (const args of commands.filter((args) => !goesOn.includes(args))) {
        const { code, stdout, stderr } = await run(t, args, { cwd });
        t.equal(code, 0, `${args.join(' ')}: ${stderr}`);
        t.match(stdout, /sent [1-9]\d* packets|asked 100 questions/);
      }
      for (const other of others) {
        const { code, stdout } = await other.stop('SIGINT');
        t.equal(code, 0);
        t.match(stdout, /received [1-9]|sent back [1-9]|captured [1-9]/);
      }
    }
  });
}
