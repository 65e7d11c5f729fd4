// Upstream's own programs on the engine. They are not part of this package: NODE_NETMAP_UPSTREAM names the folder in which
// they were built. 382-tlem.test.ts is about tlem.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { root } from './child';
import { scratch, vale } from './folder';
import { classic } from './make-capture';
import { run, start } from './support/run';
import { open, ports, vale as switches, type Port } from 'node-netmap';

const folder = process.env.NODE_NETMAP_UPSTREAM ?? '';
const skip = folder === '' && "NODE_NETMAP_UPSTREAM does not name a folder with upstream's programs";
const program = (name: string) => join(folder, name);
const missing = (...names: string[]) => skip || (!names.every((name) => existsSync(program(name))) && 'not built');

const FRAMES = 200;
const FRAME = Uint8Array.from({ length: 100 }, (_, k) => (k < 6 ? 0xff : k < 12 ? 2 : k));

/** Waits until somebody has opened a port of that name. */
async function opened(name: string): Promise<void> {
  for (let k = 0; !ports().some((port) => port.name === name); k++) {
    if (k > 500) throw new Error(`nobody has opened ${name}`);
    await sleep(20);
  }
}

/** Sends frames, one at a time, and returns how many of them arrive. */
async function through(from: Port, to: readonly Port[]): Promise<number> {
  let arrived = 0;
  for (let k = 0; k < FRAMES + 400 && arrived < FRAMES; k++) {
    if (k < FRAMES) {
      from.inject(FRAME);
      from.txSync();
    }
    await sleep(5);
    for (const port of to) {
      port.rxSync();
      const [ring] = port.rxRings;
      for (let i = ring!.head; i !== ring!.tail; i = ring!.next(i)) {
        if (ring!.length(i) === FRAME.length) arrived++;
      }
      ring!.advance(ring!.available);
    }
  }
  return arrived;
}

t.test('ctrl-api-test', { skip: missing('ctrl-api-test') }, async (t) => {
  // docs/fidelity.md has the reasons. The kernel module fails the same ones.
  const never = [2, 4, 6, 7, 18, 20, 22, 41, 42, 46];
  const ephemeral = [...never, 8, 9, 23, 25, 26, 27, 28, 29, 30, 33, 34];
  const failing = async (name: string) => {
    const numbers = Array.from({ length: 47 }, (_, k) => k + 1);
    const list = numbers.join(' ');
    const script = `for j in ${list}; do timeout 30 "$0" -i "$1" -j $j >/dev/null 2>&1 || echo $j; done`;
    const { stdout } = await run(['--', 'sh', '-c', script, program('ctrl-api-test'), name]);
    return stdout.split('\n').filter(Boolean).map(Number);
  };
  const sorted = (numbers: number[]) => numbers.sort((a, b) => a - b);

  switches.newif('ctrl0', { device: 'engine' });
  t.same(await failing('ctrl0'), sorted(never), 'with a persistent port');
  switches.delif('ctrl0', { device: 'engine' });
  t.same(await failing('vale9:x'), sorted(ephemeral), 'with a port of a switch');
});

t.test('sync_kloop_test', { skip: missing('sync_kloop_test') }, async (t) => {
  for (const options of [[], ['-k']]) {
    const name = 'sync_kloop_test';
    const receiver = start(['--', program(name), '-i', vale('kr'), '-f', 'rx', ...options]);
    await opened(vale('kr'));
    const sender = start(['--', program(name), '-i', vale('kt'), '-f', 'tx', ...options]);
    await opened(vale('kt'));
    await sleep(1000);
    sender.child.kill('SIGINT');
    const sent = await sender.ended;
    receiver.child.kill('SIGINT');
    for (const { stdout, stderr } of [sent, await receiver.ended]) {
      const rate = Number(/rate: ([\d.]+) Mpps/.exec(stdout)?.[1]);
      t.ok(rate > 0, `${options.join('')}: ${rate} Mpps ${stderr}`);
    }
  }
});

t.test('bridge', { skip: missing('bridge') }, async (t) => {
  using a = open('vale1:t', { device: 'engine' });
  using b = open('vale2:t', { device: 'engine' });
  const bridge = start(['--', program('bridge'), '-i', 'vale1:b', '-i', 'vale2:b']);
  await opened('vale2:b');
  await sleep(2500); // it waits for links
  t.equal(await through(a, [b]), FRAMES);
  bridge.child.kill('SIGINT');
  await bridge.ended;
});

t.test('lb', { skip: missing('lb') }, async (t) => {
  using a = open('vale1:t', { device: 'engine' });
  const lb = start(['--', program('lb'), '-i', 'vale1:b', '-p', 'out:2']);
  await opened('vale1:b');
  await sleep(1000);
  using first = open('netmap:out}0', { device: 'engine' });
  using second = open('netmap:out}1', { device: 'engine' });
  await sleep(2000);
  t.equal(await through(a, [first, second]), FRAMES);
  lb.child.kill('SIGINT');
  const { stdout, stderr } = await lb.ended;
  t.match(stdout + stderr, new RegExp(`${FRAMES} packets forwarded.* 0 packets dropped`));
});

t.test('nmreplay', { skip: missing('nmreplay') }, async (t) => {
  const file = join(scratch, 'replayed.pcap');
  writeFileSync(
    file,
    classic(Array.from({ length: 50 }, (_, k) => ({ data: FRAME, time: [k / 1000, k * 1000] as [number, number] }))),
  );
  using sink = open('vale1:t', { device: 'engine' });
  const replay = start(['--', program('nmreplay'), '-f', file, '-i', 'vale1:b', '-B', '1M']);
  let arrived = 0;
  for (let k = 0; k < 1000 && arrived < 50; k++) {
    await sleep(10);
    sink.rxSync();
    const [ring] = sink.rxRings;
    if (ring!.available > 0)
      t.same(Buffer.from(ring!.buffer(ring!.head)).subarray(0, FRAME.length), Buffer.from(FRAME));
    arrived += ring!.available;
    ring!.advance(ring!.available);
  }
  t.ok(arrived >= 50, `${arrived} frames`);
  replay.child.kill('SIGINT');
  await replay.ended;
});

t.test('vale-ctl', { skip: missing('vale-ctl') }, async (t) => {
  const ctl = (...args: string[]) => run(['--', program('vale-ctl'), ...args]);
  t.equal((await ctl('-n', 'ctl0')).code, 0);
  t.equal((await ctl('-a', 'vale3:ctl0')).code, 0);
  t.match(
    switches.list({ device: 'engine' }).map(({ name }) => name),
    ['vale3:ctl0'],
  );
  t.match((await ctl()).stdout + (await ctl()).stderr, /vale3:ctl0/);
  t.equal((await ctl('-d', 'vale3:ctl0')).code, 0);
  t.equal((await ctl('-r', 'ctl0')).code, 0);
  t.same(switches.list({ device: 'engine' }), []);
});

const busy = existsSync('/tmp/netmap-fdserver') && 'somebody uses the socket of fd_server';
t.test('functional and fd_server', { skip: missing('functional', 'fd_server') || busy }, async (t) => {
  t.teardown(() => rmSync('/tmp/netmap-fdserver', { force: true })); // it stays behind
  const script = `
    PATH=$0:$PATH
    functional -o
    functional -i vale4:a && functional -i vale4:b || exit 1
    functional -i vale4:b -r 100:k:17 & b=$!
    functional -i vale4:a -t 100:k:17 || exit 2
    wait $b; code=$?
    functional -c
    exit $code`;
  const { code, stdout, stderr } = await run([
    '--',
    'sh',
    '-c',
    script,
    folder.startsWith('/') ? folder : join(root, folder),
  ]);
  t.equal(code, 0, stdout + stderr);
});
