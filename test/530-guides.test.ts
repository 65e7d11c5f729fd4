import t from 'tap';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { folder } from './support/engine-folder';
import { root } from './child';
import { Cli, run } from './support/cli';
import { Ruleset } from 'node-netmap';

// Dozens of processes: a busy machine takes its time.
t.setTimeout(300_000);
// Most of the time goes into starting them, so pages go side by side, each on switches of its own.
t.jobs = Math.min(4, availableParallelism());

/** As a shell takes them apart. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

/** The commands of a page, block by block. */
function blocks(page: string): string[][][] {
  const text = readFileSync(join(root, 'docs/guide', page), 'utf8');
  return [...text.matchAll(/```sh\n([^]*?)```/g)].map(([, code]) =>
    code
      .trim()
      .split('\n')
      .map((line) => words(line.replace(/^npx node-netmap /, ''))),
  );
}

/** Commands that go on until Ctrl-C: the rest of their block is for another terminal. */
const GO_ON = ['sink', 'pong', 'capture', 'bridge', 'distribute', 'node'];

/** The module that a page shows as filter.mjs. */
function hookOf(page: string): string {
  const text = readFileSync(join(root, 'docs/guide', page), 'utf8');
  return /```js\n(\/\/ filter\.mjs\n[^]*?)```/.exec(text)?.[1] ?? '';
}

/** An engine folder for a page alone. */
function engineOf(page: string): { NODE_NETMAP_DIR: string } {
  const own = join(folder, page);
  mkdirSync(own, { mode: 0o700 });
  return { NODE_NETMAP_DIR: own };
}

// The longest first.
for (const page of [
  'replay.md',
  'bridge.md',
  'capture.md',
  'generate.md',
  'workers.md',
  'sink.md',
  'own-app.md',
  'latency.md',
  'filter.md',
]) {
  t.test(`the commands of ${page}`, { buffered: true }, async (t) => {
    const options = { cwd: t.testdir({ 'filter.mjs': hookOf(page) }), env: engineOf(page) };
    for (const commands of blocks(page)) {
      const goesOn = commands.filter(([command]) => GO_ON.includes(command));
      const others: Cli[] = [];
      for (const args of goesOn) {
        const [command, script, ...rest] = args;
        const other = command === 'node' ? new Cli(t, rest, { script, ...options }) : new Cli(t, args, options);
        await other.said(/ on the engine: |Ctrl-C ends/);
        others.push(other);
      }
      const tries = async (args: readonly string[]) => {
        const { code, stdout, stderr } = await run(t, args, options);
        t.equal(code, 0, `${args.join(' ')}: ${stderr}`);
        t.match(stdout, /sent [1-9]\d* packets|asked 100 questions|ports?, |"type":"port"|^elapsed,port,.*\n\d/);
      };
      const rest = commands.filter((args) => !goesOn.includes(args));
      // Null ports have nothing to do with one another.
      if (rest.every((args) => args.includes('null:'))) await Promise.all(rest.map(tries));
      else for (const args of rest) await tries(args);
      // The last one first: a monitor ends with the port that it watches.
      for (const other of others.reverse()) {
        const { code, stdout } = await other.stop('SIGINT');
        t.equal(code, 0);
        t.match(stdout, /(received|sent back|captured|forwarded|dealt out) [1-9]/);
      }
    }
  });
}

t.test('every program of the README and the guides is one for this Node', { buffered: true }, async (t) => {
  const scripts = t.testdir();
  for (const page of ['README.md', ...readdirSync(join(root, 'docs/guide')).map((name) => `docs/guide/${name}`)]) {
    const text = readFileSync(join(root, page), 'utf8');
    for (const [n, [, code]] of [...text.matchAll(/```js\n([^]*?)```/g)].entries()) {
      const script = join(scripts, `${page.replaceAll('/', '-')}-${n}.mjs`);
      writeFileSync(script, code);
      await t.resolves(promisify(execFile)(process.execPath, ['--check', script]), `${page}, program ${n + 1}`);
    }
  }
});

t.test('the programs of filter.md', { buffered: true }, async (t) => {
  const text = readFileSync(join(root, 'docs/guide/filter.md'), 'utf8');
  const scripts = t.testdir();
  const env = engineOf('filter programs');
  const said: string[] = [];
  for (const [n, [, code]] of [...text.matchAll(/```js\n([^]*?)```/g)].entries()) {
    const script = join(scripts, `${n}.mjs`);
    writeFileSync(script, code);
    const { code: status, stdout, stderr } = await run(t, [], { script, env });
    t.equal(status, 0, stderr);
    said.push(stdout);
  }
  t.match(said[0], /^\d+$/m);
  t.match(said[1], /^rule 100: 60 bytes by vale0:b\ndenied by rule 100\n00100 1 60 deny .* \/\/ no DNS$/m);
  t.match(said[2], '[ true, false, false ]');
  const rules = /```\n(# rules\.conf[^]*?)```/.exec(text)![1];
  t.equal(Ruleset.filter(rules).rules().length, 5);
});
