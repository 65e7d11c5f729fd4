/** A port that does nothing costs next to nothing. */
import './support/engine-folder';
import t from 'tap';
import { Peer, type PeerContext } from './support/peer';

t.test('memory: a port with default rings', { skip: process.platform !== 'linux' }, async (t) => {
  const peer = await Peer.start();
  t.teardown(() => peer.kill());
  const grown = await peer.run(async ({ lib, ports }: PeerContext) => {
    const { readFileSync } = await import('node:fs');
    const resident = () => {
      const text = readFileSync('/proc/self/smaps_rollup', 'latin1');
      return Number(/^Rss:\s+(\d+) kB/m.exec(text)![1]);
    };
    const before = resident();
    ports.p = lib.open('vale0:idle', { device: 'engine' });
    return resident() - before;
  }, null);
  t.ok(grown < 8 * 1024, `${grown} KiB`);
});

t.test('processor: a sink that waits', async (t) => {
  const peer = await Peer.start();
  t.teardown(() => peer.kill());
  const share = await peer.run(async ({ lib, ports }: PeerContext) => {
    ports.p = lib.open('vale0:sink', { device: 'engine' });
    const controller = new AbortController();
    const sink = (async () => {
      for await (const batch of ports.p.batches({ signal: controller.signal })) void batch;
    })().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = process.cpuUsage();
    const start = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const { user, system } = process.cpuUsage(before);
    const used = (user + system) / 1000 / (performance.now() - start);
    controller.abort();
    await sink;
    return used;
  }, null);
  t.comment(`${(100 * share).toFixed(2)} %`);
  t.ok(share < 0.1, 'far from spinning, however busy the machine is');
});
