import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { scratch } from './folder';
import { comparePackets } from 'node-netmap';
import { FLAWLESS, makeCapture, runTool, skip as noKernel, startTool } from './support/kernel';

// Interfaces without a driver of their own for netmap are served by its generic adapter: two ends of a cable, in a network
// namespace that nothing else uses.
const space = `nm${process.pid}`;
const under = ['ip', 'netns', 'exec', space];
const skip = noKernel || (makeCable() ? false : 'no veth pair: that takes root and iproute2');

function ip(...args: string[]): boolean {
  return spawnSync('ip', args).status === 0;
}

function makeCable(): boolean {
  if (noKernel || !ip('netns', 'add', space)) return false;
  t.teardown(() => ip('netns', 'delete', space));
  // The host would speak of its own accord: neighbours, groups.
  const quiet = 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6';
  spawnSync(under[0], [...under.slice(1), 'sh', '-c', quiet]);
  return (
    ip('-n', space, 'link', 'add', 'left', 'type', 'veth', 'peer', 'name', 'right') &&
    ip('-n', space, 'address', 'add', '10.99.0.1/24', 'dev', 'left') &&
    ip('-n', space, 'link', 'set', 'left', 'up') &&
    ip('-n', space, 'link', 'set', 'right', 'up')
  );
}

const run = (t: Test, args: string[]) => runTool(t, args, { under });
const start = (t: Test, args: string[]) => startTool(t, args, { under });

t.test('generate -> veth -> sink', { skip }, async (t) => {
  const sink = await start(t, ['sink', 'netmap:right', '--check', '--count', '500', '--timeout', '60']);
  const sent = await run(t, ['generate', 'netmap:left', '--count', '500', '--rate', '500']);
  const got = await sink.ended;
  t.strictSame([sent.code, sent.stderr, got.code, got.stderr], [0, '', 0, '']);
  t.match(sent.summary, { packets: 500, bytes: 30000, pending: 0, device: 'kernel', port: 'netmap:left' });
  t.match(got.summary, { ...FLAWLESS, packets: 500, bytes: 30000 });
});

t.test('generate -> veth -> sink, as fast as it goes', { skip }, async (t) => {
  const sink = await start(t, ['sink', 'netmap:right', '--check', '--timeout', '60']);
  const sent = await run(t, ['generate', 'netmap:left', '--duration', '3']);
  const { code, summary } = await sink.stop();
  t.strictSame([sent.code, code], [0, 0]);
  const [packets, lost] = [summary.packets as number, summary.lost as number];
  t.ok(packets > 0);
  t.ok(packets + lost <= (sent.summary.packets as number), `${packets} and ${lost} lost`);
  t.match(summary, { duplicated: 0, corrupt: 0 });
});

t.test('replay -> veth -> capture', { skip }, async (t) => {
  const source = makeCapture('source.pcap', [60, 61, 1514, 999, 64, 65, 200, 128]);
  const target = join(scratch, 'captured.pcap');
  const capturing = await start(t, ['capture', 'netmap:right', target, '--count', '8', '--timeout', '60']);
  const sent = await run(t, ['replay', source, 'netmap:left']);
  const got = await capturing.ended;
  t.strictSame([sent.code, sent.stderr, got.code, got.stderr], [0, '', 0, '']);
  t.match(got.summary, { packets: 8, bytes: sent.summary.bytes });
  t.match(comparePackets(source, target), { same: true });
});

t.test('what the host sends comes out of its rings', { skip }, async (t) => {
  const target = join(scratch, 'host.pcap');
  const capturing = await start(t, ['capture', 'netmap:left*', target, '--count', '1', '--timeout', '60']);
  const script = join(scratch, 'send.cjs');
  writeFileSync(
    script,
    `const socket = require('node:dgram').createSocket('udp4');
     socket.bind(0, () => {
       socket.setBroadcast(true);
       socket.send('hello', 9, '255.255.255.255', () => socket.close());
     });`,
  );
  spawnSync('ip', ['-n', space, 'route', 'add', 'default', 'dev', 'left']);
  const { status, stderr } = spawnSync(under[0], [...under.slice(1), process.execPath, script], { encoding: 'utf8' });
  t.equal(status, 0, stderr);
  t.match((await capturing.ended).summary, { packets: 1, bytes: 14 + 20 + 8 + 5, port: 'netmap:left*' });
});
