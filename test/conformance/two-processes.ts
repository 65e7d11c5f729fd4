import { lib } from '../support/library';
import { BROADCAST, frame, mac, send, take, takeUntil } from '../support/frames';
import { poll } from '../support/raw-ring';
import type { Peer, PeerContext } from '../support/peer';
import type { Topic } from './scenario';
import type { Lab } from './lab';

function openThere(peer: Peer, lab: Lab, key: string, name: string, options = {}) {
  return peer.run(
    ({ lib, ports }: PeerContext, { key, name, options }) => {
      ports[key] = lib.open({ name }, { txSlots: 16, rxSlots: 16, ...options });
      return ports[key].memId;
    },
    { key, name, options: { ...options, device: lab.device } },
  );
}

export const twoProcesses: Topic = {
  title: 'two processes',
  rules: {
    'on one switch hear each other': async (t, lab) => {
      const peer = await lab.peer();
      const a = lab.rings('a');
      await openThere(peer, lab, 'b', `${lab.vale}:b`);
      send(a.tx, frame(1, BROADCAST, mac(1)));
      const heard = await peer.run(({ frames, ports }: PeerContext) => {
        const got = frames.take(ports.b.rxRings[0]);
        frames.send(ports.b.txRings[0], frames.frame(2, frames.mac(1), frames.mac(2)));
        return got;
      }, null);
      t.strictSame(heard, [1]);
      t.strictSame(take(a.rx), [2]);
    },

    'wake each other': async (t, lab) => {
      const peer = await lab.peer();
      const a = lab.rings('a');
      await openThere(peer, lab, 'b', `${lab.vale}:b`);
      const answer = peer.run(async ({ frames, ports }: PeerContext) => {
        await ports.b.readable({ timeout: 20_000 });
        const got = frames.take(ports.b.rxRings[0]);
        frames.send(ports.b.txRings[0], frames.frame(2));
        return got;
      }, null);
      setTimeout(() => send(a.tx, frame(1)), 100);
      t.equal(await a.port.readable({ timeout: 20_000 }), true);
      t.strictSame(take(a.rx), [2]);
      t.strictSame(await answer, [1]);
    },

    'a blocked poll wakes up': async (t, lab) => {
      const peer = await lab.peer();
      const a = lab.rings('a');
      await openThere(peer, lab, 'b', `${lab.vale}:b`);
      const later = peer.run(async ({ frames, ports }: PeerContext) => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        frames.send(ports.b.txRings[0], frames.frame(5));
      }, null);
      t.equal(poll(a.port, lib.POLL.IN, 20_000), lib.POLL.IN);
      t.strictSame(take(a.rx), [5]);
      await later;
    },

    'on the ends of a pipe share buffers': async (t, lab) => {
      const peer = await lab.peer();
      const a = lab.end('{');
      const memId = await openThere(peer, lab, 'b', `${lab.parent}}q`);
      t.equal(memId, a.port.memId);
      const answer = peer.run(async ({ frames, ports }: PeerContext) => {
        const got = await frames.takeUntil(ports.b, 60, 20_000);
        frames.send(ports.b.txRings[0], frames.frame(1000));
        return got;
      }, null);
      for (let tag = 0; tag < 60;) {
        if (!(await a.port.writable({ timeout: 20_000 }))) break;
        while (a.tx.available > 0 && tag < 60) send(a.tx, frame(tag++));
      }
      t.strictSame(await answer, [...Array(60).keys()]);
      t.strictSame(await takeUntil(a.port, 1), [1000]);
    },

    'share a memory region': async (t, lab) => {
      const peer = await lab.peer();
      const a = lab.port('a');
      await openThere(peer, lab, 'b', `${lab.vale}:b`, { memId: a.memId });
      await peer.run(({ ports }: PeerContext) => {
        const { b } = ports;
        b.buffer(b.txRings[0].bufferIndex(0))[100] = 77;
      }, null);
      const found = a.buffer(a.rxRings[0].bufferIndex(0) + 48);
      t.equal(found[100], lab.by('late-memory', { kernel: 77, engine: found[100] }), 'perhaps not before a sync');
      a.rxSync();
      t.equal(found[100], 77, 'the first tx buffer of b comes after 16 + 16 + 16 others');
    },

    'keep each other out of a port in exclusive use': async (t, lab) => {
      const peer = await lab.peer();
      await openThere(peer, lab, 'a', `${lab.vale}:a`, { exclusive: true });
      t.equal(lab.errorOf(`${lab.vale}:a`), 'EBUSY');
      await peer.end();
      t.equal(lab.errorOf(`${lab.vale}:a`), 'ok');
    },

    'one that is killed leaves its port free': async (t, lab) => {
      const peer = await lab.peer();
      const a = lab.rings('a');
      await openThere(peer, lab, 'b', `${lab.vale}:b`, { exclusive: true });
      t.equal(await peer.kill(), 'SIGKILL');
      const b = lab.rings('b', { exclusive: true });
      send(a.tx, frame(1));
      t.strictSame(take(b.rx), [1]);
    },

    'one end of a pipe that is killed and comes back': async (t, lab) => {
      const peer = await lab.peer();
      const a = lab.end('{');
      await openThere(peer, lab, 'b', `${lab.parent}}q`);
      send(a.tx, frame(1), frame(2));
      await peer.run(({ ports }: PeerContext) => {
        const rx = ports.b.rxRings[0];
        ports.b.rxSync();
        rx.advance(1);
        ports.b.rxSync();
      }, null);
      await peer.kill();
      send(a.tx, frame(3));
      const b = lab.end('}');
      t.strictSame(take(b.rx), [2, 3]);
    },
  },
};
