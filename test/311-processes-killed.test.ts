/** kill -9 of any participant at any moment: the others go on, and nothing is left behind. */
import { contents, folder } from './support/engine-folder';
import { existsSync } from 'node:fs';
import t from 'tap';
import { lib, type Port } from './support/library';
import { frame, send, take } from './support/frames';
import { Peer, type PeerContext } from './support/peer';

const ROUNDS = 6;

/** Sends without a pause, and notes now and then that it does. */
async function sender(spec: string): Promise<Peer> {
  const peer = await Peer.start();
  await peer.run(({ lib, ports }: PeerContext, spec: string) => {
    ports.p = lib.open({ name: spec }, { device: 'engine' });
  }, spec);
  peer.start(({ frames, ports, note }: PeerContext & { note(value: unknown): void }) => {
    const { p } = ports;
    const [ring] = p.txRings;
    const bytes = frames.frame(1);
    for (let i = 0; i < ring.numSlots; i++) {
      ring.buffer(i).set(bytes);
      ring.setLength(i, 60);
    }
    note('sending');
    const turn = () => {
      for (let k = 0; k < 200; k++) {
        for (let n = ring.available, i = ring.head; n > 0; n--, i = ring.next(i)) ring.setLength(i, 60);
        ring.advance(ring.available);
        p.txSync();
      }
      setImmediate(turn);
    };
    turn();
  }, null);
  await peer.note();
  return peer;
}

/** Receives without a pause, and notes every 50 ms how much it has got. */
async function receiver(spec: string): Promise<Peer> {
  const peer = await Peer.start();
  await peer.run(({ lib, ports }: PeerContext, spec: string) => {
    ports.p = lib.open({ name: spec }, { device: 'engine' });
  }, spec);
  peer.start(({ ports, note }: PeerContext & { note(value: unknown): void }) => {
    const { p } = ports;
    const [ring] = p.rxRings;
    let received = 0;
    let said = 0;
    const turn = () => {
      for (let k = 0; k < 200; k++) {
        p.rxSync();
        received += ring.available;
        ring.advance(ring.available);
      }
      if (Date.now() - said > 50) {
        note(received);
        said = Date.now();
      }
      setImmediate(turn);
    };
    turn();
  }, null);
  await peer.note();
  return peer;
}

/** Whether what a receiver notes grows within the time. Generous: the machine may be busy. */
async function goesOn(peer: Peer, ms = 10_000): Promise<boolean> {
  peer.forget();
  const end = Date.now() + ms;
  const first = (await peer.note(ms)) as number;
  while (Date.now() < end) if (((await peer.note(ms)) as number) > first) return true;
  return false;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

t.test('switch: a sender killed while it sends', async (t) => {
  const sink = await receiver('vale0:sink');
  t.teardown(() => sink.kill());
  for (let round = 0; round < ROUNDS; round++) {
    const source = await sender('vale0:source');
    t.ok(await goesOn(sink), 'receives');
    await pause(5 + 7 * round);
    t.equal(await source.kill(), 'SIGKILL');
    const own = lib.open('vale0:source', { device: 'engine', exclusive: true });
    send(own.txRings[0], frame(1));
    t.ok(own.counters()!.txPackets >= 1, 'the name is free, and the port works');
    own.close();
  }
  const again = await sender('vale0:source');
  t.teardown(() => again.kill());
  t.ok(await goesOn(sink), 'the receiver is none the worse');
});

t.test('switch: a receiver killed while it receives', async (t) => {
  const source = await sender('vale0:source');
  const witness = await receiver('vale0:witness');
  t.teardown(() => Promise.all([source.kill(), witness.kill()]));
  for (let round = 0; round < ROUNDS; round++) {
    const sink = await receiver('vale0:sink');
    t.ok(await goesOn(sink), 'receives');
    await pause(5 + 7 * round);
    await sink.kill();
    t.ok(await goesOn(witness), 'another receiver still gets its frames');
    const own = lib.open('vale0:sink', { device: 'engine', exclusive: true });
    t.equal(await own.readable({ timeout: 10_000 }), true, 'the name is free, and the port receives');
    own.close();
  }
});

t.test('pipe: one end killed', async (t) => {
  for (let round = 0; round < ROUNDS; round++) {
    const which = round % 2 ? 'the sender' : 'the receiver';
    const source = await sender('p{1');
    const sink = await receiver('p}1');
    t.ok(await goesOn(sink), 'receives');
    await pause(5 + 7 * round);
    const [victim, survivor] = round % 2 ? [source, sink] : [sink, source];
    await victim.kill();
    let own: Port;
    if (victim === source) {
      own = lib.open('netmap:p{1', { device: 'engine', exclusive: true });
      const [ring] = own.txRings;
      const pump = setInterval(() => {
        own.txSync();
        ring.advance(Math.min(10, ring.available));
        own.txSync();
      }, 5);
      t.ok(await goesOn(sink), `${which} is replaced`);
      clearInterval(pump);
    } else {
      own = lib.open('netmap:p}1', { device: 'engine', exclusive: true });
      let received = 0;
      for (const end = Date.now() + 10_000; received < 5000 && Date.now() < end;) {
        await own.readable({ timeout: 1000 });
        received += take(own.rxRings[0]).length;
        own.rxSync();
      }
      t.ok(received >= 5000, `${which} is replaced`);
    }
    await survivor.kill();
    own.close();
  }
});

t.test('memory: ports of one region, one owner killed', async (t) => {
  const a = lib.open('vale0:a', { device: 'engine' });
  t.teardown(() => a.close());
  for (let round = 0; round < 10; round++) {
    const peer = await Peer.start();
    await peer.run(({ lib, ports }: PeerContext, memId: number) => {
      ports.p = lib.open('vale0:b', { device: 'engine', memId, extraBuffers: 100 });
      ports.p.extraBuffers.take();
    }, a.memId);
    await peer.kill();
  }
  const b = lib.open('vale0:b', { device: 'engine', memId: a.memId, extraBuffers: 100 });
  t.equal(b.extraBuffers.available, 100);
  t.equal(b.rxRings[0].byteOffset, 12288 + 2 * 20480, 'rings and buffers are found again');
  b.close();
});

t.test('when the last port has gone, so has everything else', async (t) => {
  t.notOk(lib.ports().length, 'no ports');
  const port = lib.open('vale0:last', { device: 'engine' });
  t.ok(contents().length > 0);
  port.close();
  t.strictSame(existsSync(folder) ? contents() : [], []);
});
