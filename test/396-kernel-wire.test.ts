import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { scratch } from './folder';
import { control, Emulator, icmp } from 'node-netmap';
import { Cli } from './support/cli';
import { skip as noKernel, startTool } from './support/kernel';
import { Namespace } from './support/namespaces';

// A bump in the wire between two hosts with the kernel's own network stack: a - emulator - b. The ports are served by netmap's
// generic adapter.
const [a, wire, b] = noKernel ? [] : ['a', 'w', 'b'].map((label) => Namespace.make(t, label));
const ready =
  a?.cable('net', 'left', wire) &&
  b?.cable('net', 'right', wire) &&
  a.ip('address', 'add', '10.98.0.1/24', 'dev', 'net') &&
  b.ip('address', 'add', '10.98.0.2/24', 'dev', 'net') &&
  // The address that the last test talks to, behind the emulator's own interface.
  wire?.ip('address', 'add', '10.98.0.3/24', 'dev', 'left');
const skip = noKernel || (ready ? false : 'no veth pairs: that takes root and iproute2');
const noPing = skip || (a?.runSync('ping', '-V').status === 0 ? false : 'ping is not installed (iputils-ping)');
// What a card was to do, nobody does: sums, segments.
const PLAIN = ['rx', 'tx', 'sg', 'tso', 'gso', 'gro'].flatMap((feature) => [feature, 'off']);
const isPlain = [a, b].every((space) => space?.runSync('ethtool', '-K', 'net', ...PLAIN).status === 0);
const noTcp = skip || (isPlain ? false : 'ethtool is not installed, and sums of packets are left to the cards');

function emulate(t: Test, args: string[], ports = ['netmap:left', 'netmap:right']) {
  return startTool(t, ['emulate', ...ports, ...args, '--name', 'wire'], { under: wire!.under });
}

/** The answered echo requests, by number, and how long each took, in ms. */
async function ping(space: Namespace, to: string, count: number, ...rest: string[]): Promise<Map<number, number>> {
  const { stdout } = await space.run('ping', '-n', '-c', String(count), '-i', '0.2', '-W', '20', ...rest, to);
  return new Map(
    [...stdout.matchAll(/icmp_seq=(\d+) .*time=([\d.]+) ms/g)].map(([, n, ms]) => [Number(n), Number(ms)]),
  );
}

const numbers = (count: number) => Array.from({ length: count }, (_, k) => k + 1);

t.test('ping: the delay, there and back, and another one while it runs', { skip: noPing }, async (t) => {
  const emulator = await emulate(t, ['--delay', '20ms', '--drain']);
  const first = await ping(a!, '10.98.0.2', 10);
  t.strictSame([...first.keys()], numbers(10));
  t.ok(Math.min(...first.values()) >= 40, [...first.values()].join(' '));
  t.match((await control('wire', 'pipe 1 change delay 150ms')).notes, []);
  const second = await ping(b!, '10.98.0.1', 5);
  t.strictSame([...second.keys()], numbers(5));
  t.ok(Math.min(...second.values()) >= 170, [...second.values()].join(' '));
  const { code, summary } = await emulator.stop();
  t.equal(code, 0);
  // Addresses are asked for as well.
  t.ok((summary.packets as number) >= 30, String(summary.packets));
  t.match(summary, { dropped: 0, device: 'kernel', directions: [{ straight: 0 }, { straight: 0 }] });
});

t.test('loss: the frames that the seed says, as on a virtual clock', { skip: noPing }, async (t) => {
  const [count, seed] = [40, 5];
  const rules = 'pipe 1 config plr 0.3 delay 1ms\nadd 100 pipe 1 icmp from any to any out\n';
  const config = join(scratch, 'loss.conf');
  writeFileSync(config, rules);
  const model = new Emulator(rules, { seed });
  for (const sequence of numbers(count)) model.put(icmp({ sequence }), { time: sequence * 1e6 });
  const expected = model.advance(1e9).map(({ data }) => data[41]);
  const emulator = await emulate(t, ['-c', config, '--seed', String(seed)]);
  const answered = await ping(a!, '10.98.0.2', count);
  t.strictSame([...answered.keys()], expected);
  const { summary } = await emulator.stop();
  t.match(summary, { dropped: count - expected.length, links: [{ drops: { loss: count - expected.length } }] });
});

/** Takes one connection, and says the digest of what came. */
const SERVE = `
  const { createHash } = require('node:crypto');
  require('node:net').createServer((socket) => {
    const hash = createHash('sha256');
    socket.on('data', (piece) => hash.update(piece)).on('end', () => { console.log(hash.digest('hex')); process.exit(); });
  }).listen(5001, '10.98.0.2', () => console.log('listens'));`;

const SEND = `
  const socket = require('node:net').connect(5001, '10.98.0.2', () => socket.end(Buffer.alloc(Number(process.argv[2]), 'node-netmap')));
  socket.on('close', () => process.exit());`;

t.test('TCP: every byte, and no faster than the link', { skip: noTcp }, async (t) => {
  const [bytes, bandwidth] = [300_000, 2_000_000];
  const emulator = await emulate(t, ['--bandwidth', `${bandwidth / 1e6}Mbit/s`, '--delay', '5ms', '--queue', '20']);
  const [serve, send] = ['serve.cjs', 'send.cjs'].map((name) => join(scratch, name));
  writeFileSync(serve, SERVE);
  writeFileSync(send, SEND);
  const server = new Cli(t, [], { script: serve, under: b!.under });
  await server.said(/listens/);
  const begin = performance.now();
  const { status, stderr } = await a!.run(process.execPath, send, String(bytes));
  const took = performance.now() - begin;
  t.equal(status, 0, stderr);
  t.ok(took >= (8000 * bytes) / bandwidth, String(took));
  const digest = createHash('sha256').update(Buffer.alloc(bytes, 'node-netmap')).digest('hex');
  t.equal((await server.ended).stdout, `listens\n${digest}\n`);
  t.match((await emulator.stop()).summary, { inside: 0, device: 'kernel' });
});

t.test('between a card and its host', { skip: noPing }, async (t) => {
  const emulator = await emulate(t, ['--delay', '20ms', '--drain'], ['netmap:left', 'netmap:left^']);
  const answered = await ping(a!, '10.98.0.3', 5);
  t.strictSame([...answered.keys()], numbers(5));
  t.ok(Math.min(...answered.values()) >= 40, [...answered.values()].join(' '));
  t.match((await emulator.stop()).summary, { dropped: 0, inside: 0 });
});
