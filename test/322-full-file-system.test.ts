/** A file system that is full is an error at open, with a remedy, and never SIGBUS later. */
import { folder } from './support/engine-folder';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Peer, type PeerContext } from './support/peer';

const mountPoint = join(folder, 'small');
mkdirSync(mountPoint);

/** Why no small file system could be made, or false. */
function mount(): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'mounting needs root on Linux';
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', mountPoint]);
  if (status !== 0) return `cannot mount: ${stderr}`;
  t.teardown(() => spawnSync('umount', ['-l', mountPoint]));
  return false;
}

const skip = mount();

t.test('too small for a port', { skip }, async (t) => {
  const path = join(mountPoint, 'engine');
  const peer = await Peer.start({ NODE_NETMAP_DIR: path });
  t.teardown(() => peer.kill());
  const attempt = ({ lib, ports }: PeerContext, slots: number) => {
    try {
      ports.p = lib.open('vale0:a', { device: 'engine', txSlots: slots, rxSlots: slots });
      return { code: 'none', message: '', hint: '' };
    } catch (error) {
      const { code, message, hint } = error as Error & { code: string; hint?: string };
      return { code, message, hint };
    }
  };
  for (let i = 0; i < 3; i++) {
    const { code, message } = await peer.run(attempt, 1024);
    t.equal(code, 'ENOSPC');
    t.match(message, /NODE_NETMAP_DIR|shm-size|remount/);
  }
  t.equal((await peer.run(attempt, 16)).code, 'none', 'a smaller port fits');
  const sent = await peer.run(({ frames, ports }: PeerContext) => {
    const { p } = ports;
    for (let k = 0; k < 100; k++) frames.send(p.txRings[0], frames.frame(k, undefined, undefined, p.bufSize));
    return p.counters()!.txPackets;
  }, null);
  t.equal(sent, 100, 'and has what it needs');
});

t.test('filled by others while ports are open', { skip }, async (t) => {
  const path = join(mountPoint, 'engine2');
  mkdirSync(path);
  chmodSync(path, 0o700);
  const peer = await Peer.start({ NODE_NETMAP_DIR: path });
  t.teardown(() => peer.kill());
  await peer.run(({ lib, ports }: PeerContext) => {
    const options = { device: 'engine', txSlots: 16, rxSlots: 16, extraBuffers: 4 } as const;
    ports.a = lib.open('vale0:a', options);
    ports.b = lib.open('vale0:b', options);
  }, null);
  for (let size = 1 << 20; size >= 4096; size >>= 1) {
    try {
      writeFileSync(join(mountPoint, `fill${size}`), Buffer.alloc(size));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  const result = await peer.run(({ frames, lib, ports }: PeerContext) => {
    const { a, b } = ports;
    let received = 0;
    for (let k = 0; k < 200; k++) {
      frames.send(a.txRings[0], frames.frame(k, undefined, undefined, a.bufSize));
      received += frames.take(b.rxRings[0]).length;
      b.rxSync();
    }
    for (let i = a.extraBuffers.take(); i > 0; i = a.extraBuffers.take()) a.buffer(i).fill(1);
    let code = 'none';
    try {
      lib.open('vale0:c', { device: 'engine' });
    } catch (error) {
      code = (error as { code: string }).code;
    }
    return { received, code };
  }, null);
  t.equal(result.received, 200, 'ports that are open have their memory');
  t.equal(result.code, 'ENOSPC', 'further ones get none');
});
