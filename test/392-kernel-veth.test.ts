import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { root } from './child';
import { scratch } from './folder';
import { comparePackets } from 'node-netmap';
import { FLAWLESS, makeCapture, runTool, skip as noKernel, startTool } from './support/kernel';
import { Namespace } from './support/namespaces';

// Interfaces without a driver of their own for netmap are served by its generic adapter: two ends of a cable, in a network
// namespace that nothing else uses.
const space = noKernel ? undefined : Namespace.make(t);
const ready = space?.cable('left', 'right') && space.ip('address', 'add', '10.99.0.1/24', 'dev', 'left');
const skip = noKernel || (ready ? false : 'no veth pair: that takes root and iproute2');
const under = space?.under;

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
  space!.ip('route', 'add', 'default', 'dev', 'left');
  const { status, stderr } = space!.runSync(process.execPath, script);
  t.equal(status, 0, stderr);
  t.match((await capturing.ended).summary, { packets: 1, bytes: 14 + 20 + 8 + 5, port: 'netmap:left*' });
});

/** Asks the host behind `left` from `right`, by a port of ours: who has its address, and whether it is there. */
const ASK = `
  const { arp, icmp, open, parsePacket } = require(process.argv[2]);
  const me = { srcMac: '02:00:00:00:00:02' };
  const port = open('netmap:right', { device: 'kernel' });
  async function ask(frame, answers) {
    for (let tries = 0; tries < 30; tries++) {
      if (!port.inject(frame)) throw new Error('no room');
      port.txSync();
      for (const end = Date.now() + 2000; Date.now() < end;) {
        await port.readable({ timeout: 200 });
        port.rxSync();
        const [ring] = port.rxRings;
        const bytes = new Uint8Array(2048);
        while (ring.available > 0) {
          const layers = parsePacket(bytes.slice(0, ring.readFrame(ring.head, bytes)));
          ring.advance(1);
          const answer = layers.find(answers);
          if (answer) return answer;
        }
      }
    }
    throw new Error('no answer');
  }
  (async () => {
    const question = arp({ ...me, senderIp: '10.99.0.2', targetIp: '10.99.0.1' });
    const { senderMac } = await ask(question, ({ layer, operation }) => layer === 'arp' && operation === 2);
    for (let sequence = 1; sequence <= 5; sequence++) {
      const echo = icmp({ ...me, dstMac: senderMac, srcIp: '10.99.0.2', dstIp: '10.99.0.1', identifier: 7, sequence, payload: 30 });
      await ask(echo, (each) => each.layer === 'icmp' && each.type === 0 && each.identifier === 7 && each.sequence === sequence);
    }
    console.log(senderMac, 'answered');
    port.close();
  })();`;

t.test('a bridge between a card and its host: the host is reached through both', { skip }, async (t) => {
  const bridge = await start(t, ['bridge', 'netmap:left']);
  const script = join(scratch, 'ask.cjs');
  writeFileSync(script, ASK);
  const { status, stdout, stderr } = space!.runSync(process.execPath, script, join(root, 'lib/index.js'));
  t.equal(status, 0, stderr);
  const { stdout: link } = space!.runSync('ip', 'link', 'show', 'left');
  t.match(link, new RegExp(`ether ${stdout.split(' ')[0]}`));
  const { code, summary } = await bridge.stop();
  t.equal(code, 0);
  const { zeroCopy, directions } = summary as unknown as { zeroCopy: boolean; directions: { packets: number }[] };
  t.equal(zeroCopy, true);
  t.ok(
    directions.every(({ packets }) => packets >= 6),
    JSON.stringify(directions),
  );
});
