import { pipe, scratch, vale } from './folder';
import { control, ControlServer, Emulation, Emulator, Link, open, udpFrame, type EmulatorCommands } from 'node-netmap';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { run, start } from './support/cli';
import { frame, numberOf, range } from './support/numbered-frames';
import { receive, send } from './support/whole-frames';

let labs = 0;

/** far[0] - near[0] - emulator - near[1] - far[1], with pipes of one memory region. */
function lab(t: Test, commands: EmulatorCommands, slots = 512, seed = 1) {
  const name = `netmap:e${++labs}${pipe('{').slice(8)}`.replace(/\{.*/, '');
  const conf = `@conf:slots=${slots}`;
  const near = [open(`${name}{1${conf}`), open(`${name}{2${conf}`)] as const;
  const far = [open(`${name}}1${conf}`), open(`${name}}2${conf}`)] as const;
  const emulator = new Emulator(commands, { seed });
  const emulation = new Emulation(near[0], near[1], emulator);
  const done = emulation.start();
  t.teardown(async () => {
    emulation.stop();
    await done.catch(() => {});
    for (const port of [...near, ...far]) port.close();
  });
  return { near, far, emulator, emulation, done };
}

t.test("the paper's first example: a link for each direction, chosen by port numbers", async (t) => {
  const { far, emulation, emulator } = lab(
    t,
    'ipfw pipe 10 config bw 256 Kbit/s delay 20ms\npipe 11 config bw 4 Mbit/s delay 5ms\n' +
      'add 100 pipe 10 out dst-port 2000-3000\nadd 200 pipe 11 in src-port 2000-3000\nadd 300 allow ip from any to any',
  );
  const begin = performance.now();
  await send(far[0], [frame(1, 2500), frame(2, 80)]);
  t.strictSame((await receive(far[1], 2)).map(numberOf), [2, 1], 'what no rule sends away passes');
  t.ok(performance.now() - begin >= 20 + (124 * 8) / 256);
  await send(far[1], [udpFrame({ length: 200, srcPort: 2000 })]);
  t.equal((await receive(far[0], 1))[0].length, 200);
  const { links, directions, straight, dropped, packets } = emulation.stats();
  t.match(links, [
    { number: 10, out: { packets: 1 }, transit: { least: 20e6 + (124 * 8e9) / 256e3 } },
    { number: 11, out: { packets: 1 }, transit: { least: 5e6 + (224 * 8e9) / 4e6 } },
  ]);
  t.match(directions, [
    { direction: 'out', packets: 2, straight: 1, bytes: 200 },
    { direction: 'in', packets: 1, straight: 0, outBytes: 200 },
  ]);
  t.match({ straight, dropped, packets }, { straight: 1, dropped: 0, packets: 3 });
  t.strictSame(
    emulator.rules().map(({ number, packets }) => [number, packets]),
    [
      [100, 1],
      [200, 1],
      [300, 1],
      [65535, 0],
    ],
  );
});

t.test("the paper's second example: queues for each source, and a scheduler", async (t) => {
  const { far, emulator } = lab(
    t,
    'pipe 5 config sched qfq mask src-ip 0xffffff00 bw 1 Mbit/s\nqueue 1 config pipe 5 weight 10 mask src-ip 0xffffffff\n' +
      'queue 2 config pipe 5 weight 4 mask src-ip 0xffffffff\nadd 100 queue 1 in dst-port 22,53\nadd 200 queue 2 in dst-port any',
  );
  await send(
    far[1],
    range(20).map((k) => frame(k % 4, k % 2 ? 22 : 80)),
  );
  t.equal((await receive(far[0], 20)).length, 20);
  const { queues, links } = emulator.stats();
  t.match(queues, [
    { number: 1, arrived: { packets: 10 }, weight: 10 },
    { number: 2, arrived: { packets: 10 }, weight: 4 },
  ]);
  t.match(links, [{ number: 5, scheduler: 'qfq', out: { packets: 20 } }]);
});

t.test('without rules: both ways, in order, by exchange of buffers', async (t) => {
  const { far, emulation, near } = lab(t, '', 64);
  t.ok(emulation.zeroCopy);
  const sent = range(2000).map((k) => frame(k));
  const [there, back] = await Promise.all([
    send(far[0], sent).then(() => undefined),
    receive(far[1], 2000),
    send(far[1], sent),
    receive(far[0], 2000),
  ]).then(([, a, , b]) => [a, b]);
  for (const got of [there, back]) t.strictSame(got.map(numberOf), range(2000));
  t.match(emulation.stats(), { packets: 4000, straight: 4000, dropped: 0, zeroCopy: true });
  emulation.stop();
  await emulation.start();
  t.equal(near[0].rxRings[0].available, 0, 'the rings are where the threads left them');
});

t.test('what passes straight keeps its buffer; what waits is copied', async (t) => {
  const { far, emulation } = lab(t, 'pipe 1 config delay 1ms\nadd pipe 1 dst-port 5');
  const [tx] = far[0].txRings;
  const [rx] = far[1].rxRings;
  const sent = range(8).map((k) => {
    const index = tx.bufferIndex(tx.head);
    far[0].inject(frame(k, k < 4 ? 9 : 5));
    return index;
  });
  far[0].txSync();
  while (rx.available < 8) t.ok(await far[1].readable({ timeout: 5000 })) && far[1].rxSync();
  const got = range(8).map((k) => rx.bufferIndex((rx.head + k) % rx.numSlots));
  t.strictSame(got.slice(0, 4), sent.slice(0, 4));
  t.notOk(got.slice(4).some((index) => sent.includes(index)));
  t.match(emulation.stats(), { straight: 4, packets: 8 });
});

t.test('changes while it runs: atomic, nothing lost, nothing overtaken', async (t) => {
  const { far, emulator } = lab(t, [
    new Link(1, { bandwidth: '100Mbit/s', delay: '50ms', queue: { packets: 10000 } }),
    { action: 'pipe 1', direction: 'out' },
  ]);
  const receiving = receive(far[1], 600);
  for (const k of range(6)) {
    await send(
      far[0],
      range(100, 100 * k).map((n) => frame(n)),
    );
    emulator.change(new Link(1, { delay: k % 2 ? '40ms' : '1ms', scheduler: k % 2 ? 'fifo' : 'wf2q+' }));
  }
  t.strictSame((await receiving).map(numberOf), range(600));
  t.equal(emulator.stats().inside, 0);
  t.throws(() => emulator.apply('pipe 1 config frob'), { code: 'ERR_NETMAP_RULE' });
});

t.test('rules know the ports by their names', async (t) => {
  const { far, emulator, near } = lab(t, '');
  const [a, b] = near.map(({ name }) => name.replace(/^netmap:|@.*/g, ''));
  emulator.apply(
    `add 100 count out recv ${a} xmit ${b}\nadd 200 count in recv ${b}\nadd 300 count in via ${a}\nadd 400 deny out xmit ${b}`,
  );
  await send(far[0], [frame(1)]);
  await send(far[1], [frame(2)]);
  await receive(far[0], 1);
  while (emulator.stats().denied === 0) await new Promise((next) => setTimeout(next, 1));
  t.strictSame(
    emulator.rules().map(({ packets }) => packets),
    [1, 1, 1, 1, 1],
  );
});

t.test('a link never gives more than its bandwidth, and all that was put in', async (t) => {
  const { far, emulation } = lab(t, 'pipe 1 config bw 20Mbit/s queue 10000\nadd pipe 1 ip from any to any out');
  const begin = performance.now();
  const receiving = receive(far[1], 500);
  await send(
    far[0],
    range(500).map((k) => frame(k, 9, 1000)),
  );
  t.strictSame((await receiving).map(numberOf), range(500));
  t.ok(performance.now() - begin >= (500 * 1024 * 8) / 20e3, 'their bits one after the other take so long');
  t.match(emulation.stats(), {
    packets: 500,
    bytes: 500000,
    dropped: 0,
    links: [{ out: { packets: 500 }, drops: {} }],
  });
});

t.test('loss between ports: as probable as it should be, and with the same seed the same frames', async (t) => {
  const [count, p] = [4000, 0.1];
  // Outside of it is one seed in a thousand; which frames are lost depends on the seed alone, not on time.
  const interval = 3.29 * Math.sqrt(count * p * (1 - p));
  const numbers = async (seed: number) => {
    const { far, emulation } = lab(
      t,
      'pipe 1 config plr 0.1 queue 100\nadd 100 pipe 1 ip from any to any out',
      512,
      seed,
    );
    const got: number[] = [];
    for (const first of range(count / 200).map((k) => 200 * k)) {
      await send(
        far[0],
        range(200, first).map((number) => frame(number)),
      );
      while (emulation.stats().packets + emulation.stats().dropped < first + 200) {
        await new Promise((done) => setTimeout(done, 1));
      }
      const arrived = emulation.stats().packets - got.length;
      got.push(...(await receive(far[1], arrived)).map(numberOf));
    }
    t.equal(emulation.stats().dropped, count - got.length, 'lost or there');
    t.ok(Math.abs(count - got.length - count * p) <= interval, `${count - got.length} of ${count} lost`);
    return got;
  };
  const first = await numbers(7);
  t.same(await numbers(7), first);
  t.notSame(await numbers(8), first);
});

t.test('stopping drains, or drops', async (t) => {
  for (const drain of [true, false]) {
    const { far, emulation, done } = lab(t, 'pipe 1 config delay 200ms\nadd pipe 1 ip from any to any');
    await send(
      far[0],
      range(20).map((k) => frame(k)),
    );
    while (emulation.stats().directions[0].packets < 20) await new Promise((next) => setTimeout(next, 1));
    emulation.stop({ drain });
    await done;
    const { packets, inside, dropped } = emulation.stats();
    t.match({ packets, inside, dropped }, { packets: drain ? 20 : 0, inside: 0, dropped: drain ? 0 : 20 });
  }
});

t.test('a listener that throws ends it, and the threads with it', async (t) => {
  for (const [event, commands] of [
    ['drop', 'pipe 1 config plr 1\nadd pipe 1 ip from any to any'],
    ['log', 'add count log ip from any to any'],
  ] as const) {
    const { far, near, done, emulation, emulator } = lab(t, commands);
    emulator.on(event, () => {
      throw new Error(`of a listener for ${event}`);
    });
    const [, result] = await Promise.all([send(far[0], [frame(1)]), done.catch((error: unknown) => error)]);
    t.match(result, { message: `of a listener for ${event}` });
    emulator.removeAllListeners(event);
    const { packets } = emulation.stats().directions[0];
    await send(far[0], [frame(2)]);
    await new Promise((next) => setTimeout(next, 30));
    t.equal(emulation.stats().directions[0].packets, packets, 'nothing is moved any more');
    near[0].rxSync();
    t.equal(near[0].rxRings[0].available, 1, "the port is its owner's again");
  }
});

t.test('a port that is closed meanwhile ends it', async (t) => {
  const { near, done, emulation, emulator } = lab(t, 'pipe 1 config delay 1s\nadd pipe 1 ip from any to any');
  near[0].close();
  await done;
  t.equal(emulation.stats().packets, 0);
  t.match(emulator.show(), /00001: /);
});

t.test('two threads: a box for each direction', async (t) => {
  const names = [vale('in'), vale('out').replace(':', 'x:')];
  const halves = names.map((name) => ({ rx: open(name, { rxOnly: true }), tx: open(name, { txOnly: true }) }));
  const far = names.map((name) => open(name.replace(/:.*/, ':far')));
  const emulator = new Emulator('pipe 1 config delay 2ms\nadd pipe 1 ip from any to any');
  const emulation = new Emulation(halves[0], halves[1], emulator, { threads: 2 });
  const done = emulation.start();
  await send(
    far[0],
    range(50).map((k) => frame(k)),
  );
  await send(
    far[1],
    range(30).map((k) => frame(k)),
  );
  t.strictSame((await receive(far[1], 50)).map(numberOf), range(50));
  t.strictSame((await receive(far[0], 30)).map(numberOf), range(30));
  t.match(emulation.stats().links, [
    { number: 1, direction: 'out', out: { packets: 50 } },
    { number: 1, direction: 'in', out: { packets: 30 } },
  ]);
  emulator.change(new Link(1, { delay: '3ms' }));
  t.strictSame(
    emulation.stats().links.map(({ delay }) => delay),
    [3e6, 3e6],
  );
  const shown = emulator.apply('pipe show').split('--- in ---');
  t.match(shown[0], /^--- out ---\n00001: .*\n.*\n.*\n *sent 50 packets/);
  t.match(shown[1], /sent 30 packets/);
  emulation.stop();
  await done;
  for (const port of [...far, ...halves.flatMap(({ rx, tx }) => [rx, tx])]) port.close();
});

t.test('wrong arguments', (t) => {
  const [a, b] = [open(vale('a')), open(vale('b'))];
  const make =
    (...args: unknown[]) =>
    () =>
      new Emulation(...(args as ConstructorParameters<typeof Emulation>)).toString();
  const emulator = () => new Emulator();
  t.throws(make('a', b, emulator()), { message: /"inside"/ });
  t.throws(make(a, a, emulator()), { message: /"outside"/ });
  const again = open(vale('a'));
  t.throws(make(a, again, emulator()), { message: /"outside"/ });
  again.close();
  const rings = [0, 1].map((k) => open(`${vale('c')}-${k}@conf:rings=2`));
  t.doesNotThrow(make(rings[0], rings[1], emulator()), 'rings of one port, like a card and its host');
  for (const ring of rings) ring.close();
  t.throws(make(a, b, 5), { message: /"emulator"/ });
  t.throws(make(a, b, emulator(), { threads: 2 }), { message: /rxOnly/ });
  t.throws(make(a, b, emulator(), { cores: [-1] }), { message: /cores/ });
  t.throws(make(a, b, emulator(), { cores: [0, 1] }), { message: /cores[^]*one for each thread/ });
  t.throws(make(a, b, emulator(), { spinning: true }), { message: /spinning/ });
  const used = emulator();
  used.advance(5);
  t.throws(make(a, b, used), { code: 'EBUSY' });
  const taken = emulator();
  make(a, b, taken)();
  t.throws(make(a, b, taken), { code: 'EBUSY' });
  t.throws(() => taken.advance(6), { code: 'EBUSY' });
  const idle = new Emulation(a, b, emulator());
  for (const options of [{ drian: true }, null, { drain: 1 }]) {
    t.throws(() => idle.stop(options as never), { code: /^ERR_INVALID_ARG/ });
  }
  a.close();
  b.close();
  t.throws(make(a, b, emulator()), { code: 'ERR_NETMAP_CLOSED' });
  t.end();
});

t.test('a port is of one emulation that runs', async (t) => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => open(vale(name)));
  const first = new Emulation(a, b, new Emulator());
  const second = new Emulation(a, c, new Emulator());
  const done = first.start();
  await t.rejects(second.start(), { code: 'EBUSY', port: a.name });
  first.stop();
  await done;
  const third = new Emulation(a, c, new Emulator());
  const again = third.start();
  third.stop();
  await t.resolves(again, 'free again');
  for (const port of [a, b, c]) port.close();
});

t.test('a core that is not there', async (t) => {
  const [a, b] = [open(vale('a')), open(vale('b'))];
  const emulation = new Emulation(a, b, new Emulator(), { cores: [1023] });
  await t.rejects(emulation.start(), { code: 'EINVAL', message: /core 1023/ });
  a.close();
  b.close();
});

t.test('from the command line, with --control', async (t) => {
  const conf = join(scratch, 'link.conf');
  writeFileSync(conf, '# a home link\npipe 1 config bw 10Mbit/s delay 1ms\nadd 100 pipe 1 ip from any to any out\n');
  const [inside, outside] = [vale('i'), vale('o').replace(':', 'y:')];
  const page = join(scratch, 'run.html');
  const cli = await start(t, ['emulate', inside, outside, '-c', conf, '--name', 'home', '--drain', '--report', page]);
  const socket = join(process.env.NODE_NETMAP_DIR!, 'emulate.home');
  t.equal(statSync(socket).mode & 0o777, 0o600, 'nobody else may give commands');
  const port = open(inside.replace(/:.*/, ':test'));
  const sink = open(outside.replace(/:.*/, ':test'));
  await send(
    port,
    range(10).map((k) => frame(k)),
  );
  t.equal((await receive(sink, 10)).length, 10);
  t.match((await control('home', 'show')).output, /00100 10 1000 pipe 1[^]*00001: 10 Mbit\/s, delay 1 ms/);
  const changed = await run(t, ['emulate', '--control', 'home', 'pipe', '1', 'change', 'bw', '2Mbit/s']);
  t.match(changed, { code: 0, stdout: '', stderr: '' });
  t.match(await control('home', 'stats'), { stats: { packets: 10, links: [{ bandwidth: 2e6, delay: 1e6 }] } });
  const shown = await run(t, ['emulate', '--control', 'home', 'pipe', 'show', '--json']);
  t.match(shown.lines, [{ type: 'answer', emulator: 'home', output: /2 Mbit\/s/ }]);
  const wrong = await run(t, ['emulate', '--control', 'home', 'pipe', '1', 'frob']);
  t.match(wrong, { code: 1, stderr: /column 8[^]*'frob'/ });
  t.match(await control('home', 'add pipe 7 out'), { notes: [/pipe 7, which does not exist/] });
  const second = await run(t, ['emulate', vale('p'), vale('q'), '--name', 'home']);
  t.match(second, { code: 1, stderr: /'home' is running already/ });
  const nowhere = await run(t, ['emulate', vale('p'), vale('q'), '--report', '/nowhere/x.html']);
  t.match(nowhere, { code: 1, stderr: /cannot write the report/ });
  const nobody = await run(t, ['emulate', '--control', 'nobody', 'show']);
  t.match(nobody, { code: 1, stderr: /no emulator named 'nobody'[^]*: home/ });
  t.match(await run(t, ['emulate', '--control', '../x', 'show']), { code: 2, stderr: /"name"/ });
  t.match(await run(t, ['emulate', vale('p'), vale('q'), '--inside', 'tcp']), { code: 2, stderr: /--inside/ });
  const { code, summary } = await cli.stop();
  t.equal(code, 0);
  t.match(summary, { packets: 10, dropped: 0, port: inside, outside, name: 'home', links: [{ number: 1 }] });
  t.notOk(existsSync(socket));
  t.match(readFileSync(page, 'utf8'), /Delay over time/);
  port.close();
  sink.close();
});

t.test('a server of commands answers whatever its program does', async (t) => {
  const emulator = new Emulator();
  await t.rejects(
    ControlServer.open('odd', 5 as never, () => ({})),
    { message: /"emulator" must be an Emulator/ },
  );
  await t.rejects(ControlServer.open('odd', emulator, {} as never), { message: /"stats" must be a function/ });
  let answer: () => object = () => ({ big: 5n });
  using server = await ControlServer.open('odd', emulator, () => answer());
  t.ok(server);
  await t.rejects(control('odd', 'stats'), { message: /BigInt/ });
  answer = () => {
    throw new Error('no stats today');
  };
  await t.rejects(control('odd', 'stats'), { message: /no stats today/ });
  t.match(await control('odd', 'list'), { output: /65535/ }, 'and goes on');
});

t.test('--control: files of commands, files that those name, options of ipfw, details', async (t) => {
  const cli = await start(t, ['emulate', vale('c'), vale('d'), '--delay', '5ms', '--name', 'files']);
  const folder = join(scratch, 'conf');
  mkdirSync(folder);
  writeFileSync(join(folder, 'slow.trace'), '0 1Mbit/s\n1 2Mbit/s\n2 end\n');
  const conf = join(folder, 'slow.conf');
  writeFileSync(conf, '\ufeff# slower\r\npipe 1 change trace slow.trace\r\nadd 50 count ip from any to any\r\n');
  const ask = (...words: string[]) => run(t, ['emulate', '--control', 'files', ...words], { cwd: folder });
  // The file's own folder counts, as with an emulator that begins with it; for words it is the one where they were said.
  t.match(await run(t, ['emulate', '--control', 'files', '-c', conf]), { code: 0, stderr: '' });
  t.match(await ask('pipe', '2', 'change', 'trace', 'slow.trace'), { code: 0, stderr: '' });
  t.match((await control('files', 'pipe show')).output, /00001: .*trace[^]*00002: .*trace/);
  t.match(await ask('-a', 'list', '50'), { code: 0, stdout: /^00050 0 0 count/ });
  writeFileSync(conf, 'add 60 count ip from any to any\nfrob\n');
  t.match(await ask('-c', 'slow.conf'), { code: 1, stderr: /slow\.conf: line 2, column 1: 'frob'/ });
  t.notMatch((await control('files', 'list')).output, /00060/, 'all or none');
  t.match(await ask('-c', 'slow.conf', 'list'), { code: 2, stderr: /--config/ });
  t.match(await ask('show', '--delay', '5ms'), { code: 2, stderr: /--delay[^]*does not go with --control/ });
  const { lines } = await ask('show', '--json');
  t.match(lines, [{ rules: [{ number: 50 }, { number: 100 }], stats: { links: [{ number: 1 }, { number: 2 }] } }]);
  t.match(await control('files', 'show'), { rules: undefined, stats: undefined });
  await t.rejects(control('files', 'x'.repeat(2 ** 26)), { code: 'ERR_INVALID_ARG_VALUE', message: /64 MiB/ });
  t.equal((await cli.stop()).code, 0);
});

t.test('unknown options are errors still', async (t) => {
  t.match(await run(t, ['emulate', vale('p'), vale('q'), '--delya', '5ms']), { code: 2, stderr: /--delay/ });
});

t.test('a name is free again when its emulator was killed', async (t) => {
  const first = await start(t, ['emulate', vale('k'), vale('l'), '--name', 'again']);
  await first.stop('SIGKILL');
  const second = await start(t, ['emulate', vale('k'), vale('l'), '--name', 'again']);
  t.match((await control('again', 'stats')).stats, { packets: 0 });
  t.equal((await second.stop()).code, 0);
});
