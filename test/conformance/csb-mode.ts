import { setTimeout as pause } from 'node:timers/promises';
import { frame, queue, send, take, takeUntil } from '../support/frames';
import { inside, type CsbPort, type KloopOptions, type PortOptions } from '../support/library';
import type { Lab } from './lab';
import type { Topic } from './scenario';

const [ENXIO, EINVAL, EOPNOTSUPP] = [6, 22, 95];
const { SYNC_KLOOP_START, SYNC_KLOOP_STOP, CSB_ENABLE } = inside.REQ;

function csbPort(lab: Lab, name = `${lab.vale}:a`, options: PortOptions = {}): CsbPort {
  return lab.open({ name }, { ...options, csb: true }) as CsbPort;
}

/** `head cur -> hwcur hwtail` of a ring's entry. */
function entry({ csb }: CsbPort, i: number): string {
  return `${csb.atok[16 * i]} ${csb.atok[16 * i + 1]} -> ${csb.ktoa[16 * i]} ${csb.ktoa[16 * i + 1]}`;
}
const kicksWanted = ({ csb }: CsbPort, i: number) => csb.ktoa[16 * i + 2];

/** The loop is another thread: what it does shows after a while. */
async function eventually(look: () => string | number, wanted: string | number): Promise<string | number> {
  for (let ms = 0; look() !== wanted && ms < 5000; ms++) await pause(1);
  return look();
}

/** A raw request on the descriptor of a port. */
function ask(native: { control: unknown }, type: number, body: Uint8Array | null, options: Uint8Array[] = []): number {
  const device = native as InstanceType<ReturnType<typeof inside.native>['NativePort']>;
  return device.control(type, '', body, options)?.errno ?? 0;
}
const startBody = (sleepUs = 0) => new Uint8Array(new Uint32Array([sleepUs, 0]).buffer);

function option(type: number, size: number, words: number[]): Uint8Array {
  const bytes = new Uint8Array(24 + 4 * words.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, type, true);
  view.setBigUint64(16, BigInt(size), true);
  words.forEach((word, i) => view.setInt32(24 + 4 * i, word, true));
  return bytes;
}
const statusOf = (bytes: Uint8Array) => new DataView(bytes.buffer).getUint32(12, true);

export const csbMode: Topic = {
  title: 'CSB mode and sync loops',
  rules: {
    'entries begin as the rings are, tx rings first': (t, lab) => {
      const port = csbPort(lab, undefined, { txRings: 2, rxRings: 1, txSlots: 16, rxSlots: 8 });
      t.strictSame(
        [0, 1, 2].map((i) => entry(port, i)),
        ['0 0 -> 0 15', '0 0 -> 0 15', '0 0 -> 0 0'],
      );
      t.strictSame(
        [0, 1, 2].map((i) => kicksWanted(port, i)),
        [1, 1, 1],
      );
      t.strictSame(
        [0, 1, 2].map((i) => port.csb.atok[16 * i + 3]),
        [1, 1, 1],
        'sync flags',
      );
      t.strictSame(
        port.csb.rings.map(({ kind, id }) => kind + id),
        ['tx0', 'tx1', 'rx0'],
      );
    },

    'only the bound rings have entries': (t, lab) => {
      const port = csbPort(lab, undefined, { rxOnly: true, txRings: 2, rxRings: 2 });
      t.equal(port.csb.atok.length, 32);
      t.strictSame([entry(port, 0), entry(port, 1)], ['0 0 -> 0 0', '0 0 -> 0 0']);
    },

    'needs the port for itself': (t, lab) => {
      const { native, out } = lab.register(`${lab.vale}:a`, { txSlots: 16, rxSlots: 16 });
      native.map(out.memSize);
      t.match(native.enableCsb(Float64Array.of(12288, 32768), 1, true), { errno: EINVAL });
      t.equal(native.txSync(), 0);
      const port = csbPort(lab, `${lab.vale}:b`);
      t.equal(lab.errorOf(`${lab.vale}:b`), 'EBUSY');
      port.close();
      t.equal(lab.errorOf(`${lab.vale}:b`), 'ok');
    },

    'without a loop nothing moves': (t, lab) => {
      const port = csbPort(lab);
      const { rx } = lab.rings('b');
      send(port.txRings[0], frame(1));
      t.equal(entry(port, 0), '1 1 -> 0 15');
      t.strictSame(take(rx), []);
      t.equal(port.poll(4, 0), 4, 'there is room still');
    },

    'a loop that sleeps sends and receives, and wants no kicks': async (t, lab) => {
      const port = csbPort(lab);
      const { tx, rx } = lab.rings('b');
      const loop = port.startKloop({ sleepUs: 100 });
      t.equal(await eventually(() => kicksWanted(port, 0), 0), 0);
      send(port.txRings[0], frame(1), frame(2), frame(3));
      t.equal(await eventually(() => entry(port, 0), '3 3 -> 3 2'), '3 3 -> 3 2');
      t.strictSame(take(rx), [1, 2, 3]);
      send(tx, frame(4), frame(5));
      t.strictSame(await takeUntil(port, 2), [4, 5]);
      t.equal(await eventually(() => entry(port, 1), '2 2 -> 2 2'), '2 2 -> 2 2');
      t.equal(kicksWanted(port, 0), 0);
      await loop.stop();
      t.equal(entry(port, 0), '3 3 -> 3 2', 'what has been said stays');
    },

    'a loop with eventfds sleeps until it is kicked': async (t, lab) => {
      const port = csbPort(lab);
      const { tx, rx } = lab.rings('b');
      const loop = port.startKloop();
      const [ring] = port.txRings;
      await pause(20);
      t.equal(kicksWanted(port, 0), 1);
      // Behind the library's back, which would kick.
      queue(ring, frame(1));
      port.csb.atok[1] = 1;
      port.csb.atok[0] = 1;
      await pause(20);
      t.equal(entry(port, 0), '1 1 -> 0 15');
      queue(ring, frame(2));
      port.txSync();
      t.equal(await eventually(() => entry(port, 0), '2 2 -> 2 1'), '2 2 -> 2 1');
      t.strictSame(take(rx), [1, 2]);
      // Packets wake it by themselves.
      send(tx, frame(3));
      t.equal(await eventually(() => entry(port, 1), '0 0 -> 0 1'), '0 0 -> 0 1');
      t.strictSame(await takeUntil(port, 1), [3]);
      await loop.stop();
    },

    'a full rx ring asks for a kick when there is room again': async (t, lab) => {
      const port = csbPort(lab, undefined, { rxSlots: 8 });
      const { tx } = lab.rings('b');
      const loop = port.startKloop();
      send(tx, ...Array.from({ length: 7 }, (_, i) => frame(i)));
      t.equal(await eventually(() => entry(port, 1), '0 0 -> 0 7'), '0 0 -> 0 7');
      t.equal(await eventually(() => kicksWanted(port, 1), 1), 1);
      t.strictSame(await takeUntil(port, 7), [0, 1, 2, 3, 4, 5, 6]);
      t.equal(await eventually(() => entry(port, 1), '7 7 -> 7 7'), '7 7 -> 7 7');
      send(tx, frame(7));
      t.strictSame(await takeUntil(port, 1), [7]);
      await loop.stop();
    },

    'direct rings move when they are kicked, and only then': async (t, lab) => {
      for (const direct of [{ tx: true }, { rx: true }, { tx: true, rx: true }]) {
        const port = csbPort(lab);
        const { port: other, tx, rx } = lab.rings('b');
        const loop = port.startKloop({ direct });
        await pause(20);
        send(port.txRings[0], frame(1), frame(2));
        const at = '2 2 -> 2 1';
        if (direct.tx) {
          // On the kernel it is done within the sync.
          const now = entry(port, 0);
          t.equal(lab.by('direct-kicks', { kernel: now, engine: at }), at);
        }
        t.equal(await eventually(() => entry(port, 0), at), at);
        t.strictSame(take(rx), [1, 2]);
        send(tx, frame(3));
        const before = direct.rx ? '0 0 -> 0 0' : '0 0 -> 0 1';
        if (direct.rx) await pause(20);
        t.equal(await eventually(() => entry(port, 1), before), before);
        t.strictSame(await takeUntil(port, 1), [3]);
        await loop.stop();
        port.close();
        other.close();
      }
    },

    'one loop may follow another, whatever their kind': async (t, lab) => {
      const port = csbPort(lab, `${lab.parent}{q`, { txSlots: 8, rxSlots: 8 });
      const end = lab.end('}');
      const kinds: KloopOptions[] = [{ sleepUs: 50 }, { direct: { tx: true, rx: true } }, {}, { sleepUs: 0 }];
      for (const [k, kind] of kinds.entries()) {
        const loop = port.startKloop(kind);
        send(port.txRings[0], frame(k));
        t.strictSame(await takeUntil(end.port, 1), [k]);
        send(end.tx, frame(10 + k));
        t.strictSame(await takeUntil(port, 1), [10 + k]);
        await loop.stop();
      }
    },

    'pipes carry slots both ways, and hold the sender back': async (t, lab) => {
      const port = csbPort(lab, `${lab.parent}{q`, { txSlots: 8, rxSlots: 8 });
      const end = lab.end('}');
      const loop = port.startKloop();
      const [ring] = port.txRings;
      send(ring, ...Array.from({ length: 7 }, (_, i) => frame(i)));
      t.equal(await eventually(() => entry(port, 0), '7 7 -> 7 7'), '7 7 -> 7 7', 'full');
      t.equal(await port.writable({ timeout: 20 }), false);
      t.strictSame(await takeUntil(end.port, 7), [0, 1, 2, 3, 4, 5, 6]);
      t.equal(await port.writable({ timeout: 5000 }), true);
      t.equal(ring.available, 7);
      await loop.stop();
    },

    'null ports take what they are given': async (t, lab) => {
      const port = lab.open('null:', { csb: true }) as CsbPort;
      const loop = port.startKloop({ sleepUs: 50 });
      send(port.txRings[0], frame(1));
      const wanted = lab.by('null-recycles', { kernel: '1 1 -> 0 15', engine: '1 1 -> 1 0' });
      t.equal(await eventually(() => entry(port, 0), wanted), wanted);
      await loop.stop();
    },

    'invalid indices move nothing; then the rings own ones count': async (t, lab) => {
      const port = csbPort(lab);
      const { rx } = lab.rings('b');
      const loop = port.startKloop({ sleepUs: 50 });
      send(port.txRings[0], frame(1), frame(2));
      t.equal(await eventually(() => entry(port, 0), '2 2 -> 2 1'), '2 2 -> 2 1');
      port.csb.atok[1] = 99;
      port.csb.atok[0] = 99;
      await pause(20);
      t.equal(entry(port, 0), '99 99 -> 2 1');
      port.csb.atok[1] = 4;
      port.csb.atok[0] = 6;
      await pause(20);
      t.equal(entry(port, 0), '6 4 -> 2 1', 'cur behind head');
      t.strictSame(take(rx), [1, 2]);
      send(port.txRings[0], frame(3));
      t.equal(await eventually(() => entry(port, 0), '3 3 -> 3 2'), '3 3 -> 3 2', 'put right');
      t.strictSame(take(rx), [3]);
      await loop.stop();
    },

    'the arrays cannot be exchanged while a loop runs, and are brought up to date after it': async (t, lab) => {
      const port = csbPort(lab);
      const loop = port.startKloop({ sleepUs: 50 });
      t.equal(await eventually(() => kicksWanted(port, 0), 0), 0);
      t.throws(() => port.csb.reset(), { code: 'EBUSY' });
      send(port.txRings[0], frame(1));
      t.equal(await eventually(() => entry(port, 0), '1 1 -> 1 0'), '1 1 -> 1 0');
      await loop.stop();
      port.csb.atok.fill(0xffffffff);
      port.csb.reset();
      t.equal(entry(port, 0), '1 1 -> 1 0');
      t.equal(port.txRings[0].head, 1);
      t.equal(kicksWanted(port, 0), 1);
    },

    'closing the port ends its loop': async (t, lab) => {
      const port = csbPort(lab);
      const loop = port.startKloop();
      port.close();
      await loop.done;
      t.notOk(loop.running);
      t.equal(lab.errorOf(`${lab.vale}:a`, { exclusive: true }), 'ok');
    },

    'requests about loops: what is refused': (t, lab) => {
      const bare = lab.descriptor();
      t.equal(ask(bare, SYNC_KLOOP_START, startBody()), ENXIO, 'no port');
      t.equal(ask(bare, SYNC_KLOOP_START, startBody(1_000_001)), EINVAL, 'more than a second');
      t.equal(ask(bare, SYNC_KLOOP_START, null), EINVAL, 'no body');
      t.equal(ask(bare, SYNC_KLOOP_STOP, null), ENXIO);
      t.equal(ask(bare, CSB_ENABLE, null), EINVAL, 'no arrays');
      const { native } = lab.register(`${lab.vale}:a`, { flags: inside.NR.EXCLUSIVE });
      t.equal(ask(native, SYNC_KLOOP_START, startBody()), EINVAL, 'not in CSB mode');
      t.equal(ask(native, SYNC_KLOOP_STOP, null), 0, 'a stop without a loop');
    },

    'options of a loop: what is refused, and where it says so': (t, lab) => {
      const native = inside.nativeOf.get(csbPort(lab))!;
      const start = (...options: Uint8Array[]) => [
        ask(native, SYNC_KLOOP_START, startBody(), options),
        ...options.map(statusOf),
      ];
      const { SYNC_KLOOP_EVENTFDS, SYNC_KLOOP_MODE } = inside.OPT;
      const mode = (bits: number) => option(SYNC_KLOOP_MODE, 0, [bits, 0]);
      const eventfds = (fds: number[], size = 24 + 4 * fds.length) => option(SYNC_KLOOP_EVENTFDS, size, fds);
      t.strictSame(start(mode(4)), [EINVAL, EINVAL]);
      t.strictSame(start(eventfds([-1, -1])), [EINVAL, EINVAL], 'one pair for two rings');
      t.strictSame(start(eventfds([-1, -1, -1, -1, -1, -1])), [EINVAL, EINVAL], 'three');
      t.strictSame(start(mode(4), eventfds([-1, -1])), [EINVAL, EINVAL, EOPNOTSUPP], 'modes are looked at first');
      t.strictSame(start(mode(1), eventfds([-1, -1, -1, -1])), [EINVAL, 0, EINVAL], 'direct rings without kicks');
      t.strictSame(start(eventfds([-1, 0x7fff, -1, -1]))[0], 9, 'no such descriptor');
      t.strictSame(start(mode(3), mode(3)), [EINVAL, EINVAL, EINVAL], 'twice');
    },

    'a stop that comes first keeps the next loop from beginning, and only that': async (t, lab) => {
      const port = csbPort(lab);
      t.equal(ask(inside.nativeOf.get(port)!, SYNC_KLOOP_STOP, null), 0);
      await port.startKloop().done;
      const loop = port.startKloop({ sleepUs: 50 });
      t.equal(await eventually(() => kicksWanted(port, 0), 0), 0);
      t.ok(loop.running);
      await loop.stop();
    },
  },
};
