import t from 'tap';
import { join } from 'node:path';
import './support/engine-folder';
import { look, noBrowser, startBrowser } from './support/browser';
import { Cli, run } from './support/cli';

t.setTimeout(120_000);

/** Plots and tables that the page of each tool has. */
const EXPECTED: Record<string, RegExp[]> = {
  generate: [/Packets per second/],
  sink: [/Packets per second/, /[Ll]atency/, /[Gg]ap/],
  capture: [/Packets per second/],
  bridge: [/Packets per second/],
  distribute: [/Packets per second/],
  emulate: [/Packets per second/],
  ping: [/[Rr]ound trip/],
  replay: [/Packets per second/],
};

t.test('the pages of all tools, of real runs, on a phone', { skip: noBrowser }, async (t) => {
  const cwd = t.testdir();
  const env = { NODE_NETMAP_DEVICE: 'engine' };
  const report = (tool: string) => ['--report', `${tool}.html`];
  // One generator, and everything that can be done with its packets.
  const ones = [
    ['sink', 'vale0:b', '--latency', '--gaps', '--flows', '--protocols', '--check'],
    ['capture', 'vale0:c', 'seen.pcapng'],
    ['bridge', 'vale0:x', 'vale1:x'],
    ['distribute', 'vale1:in', '--pipes', '2'],
    ['emulate', 'vale1:e', 'vale2:f', '--delay', '5ms', '--loss', '10%'],
    ['pong', 'vale3:b'],
  ];
  const started = ones.map((args) => new Cli(t, [...args, ...report(args[0])], { cwd, env }));
  await Promise.all(started.map((cli) => cli.said(/ on the engine/)));
  const traffic = ['--timestamps', '--flows', '10', '--rate', '2k', '--duration', '1'];
  const [generate, ping] = await Promise.all([
    run(t, ['generate', 'vale0:a', ...traffic, ...report('generate')], { cwd, env }),
    run(t, ['ping', 'vale3:a', '--interval', '0.01', '--count', '50', ...report('ping')], { cwd, env }),
  ]);
  t.equal(generate.code, 0, generate.stderr);
  t.equal(ping.code, 0, ping.stderr);
  for (const [k, cli] of started.entries()) t.equal((await cli.stop('SIGINT')).code, 0, ones[k][0]);
  const replay = await run(t, ['replay', 'seen.pcapng', 'vale0:a', '--speed', '2', ...report('replay')], { cwd, env });
  t.equal(replay.code, 0, replay.stderr);

  const browser = await startBrowser(t);
  for (const [tool, titles] of Object.entries(EXPECTED)) {
    const seen = await look(t, browser, join(cwd, `${tool}.html`), { name: tool, on: ['phone'] });
    for (const title of titles)
      t.ok(
        seen.some((text) => title.test(text)),
        `${tool}: ${title} in ${seen.join(', ')}`,
      );
  }
});
