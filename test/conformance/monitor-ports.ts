import { lib } from '../support/library';
import { frame, send, tags, take } from '../support/frames';
import { poll, slot, state } from '../support/raw-ring';
import type { PeerContext } from '../support/peer';
import { distinct, watch } from './monitors';
import type { Topic } from './scenario';

const { IN, OUT, ERR } = lib.POLL;
const { MONITOR_RX, MONITOR_TX, ZCOPY_MON, EXCLUSIVE, RX_RINGS_ONLY } = lib.NR;
const EINVAL = 22;
const ENXIO = 6;

const TWO_BY_THREE = { txRings: 2, rxRings: 3, txSlots: 64, rxSlots: 128 };

export const monitorPorts: Topic = {
  title: 'monitors as ports',
  rules: {
    'need a port that somebody has open': (t, lab) => {
      const { vale, parent } = lab;
      const of = (name: string, flags: number = MONITOR_RX) => lab.register(name, { flags }).errno;
      t.equal(of(`${vale}:a`), EINVAL);
      t.equal(of(`${vale}:a`, ZCOPY_MON), EINVAL);
      t.equal(of('nosuch'), ENXIO);
      lab.end('{');
      t.equal(of(`${parent}}q`), EINVAL, 'the other end of a pipe');
      t.equal(of(`${parent}{q`), 0);
    },

    'the flags that were understood are reported back': (t, lab) => {
      lab.port('a');
      const of = (flags: number) => lab.register(`${lab.vale}:a`, { flags }).out.flags;
      t.equal(of(MONITOR_RX), MONITOR_RX);
      t.equal(of(MONITOR_TX | EXCLUSIVE), MONITOR_TX | EXCLUSIVE);
      t.equal(of(ZCOPY_MON), 0x700, 'zero copy is always both directions');
      t.equal(of(ZCOPY_MON | MONITOR_RX), 0x700);
    },

    'have one tx ring, and as many rx rings as their port has at most of one kind': (t, lab) => {
      lab.port('a', TWO_BY_THREE);
      const of = (fields: object) => {
        const { out } = lab.register(`${lab.vale}:a`, { flags: MONITOR_RX, ...fields });
        return [out.txRings, out.rxRings, out.txSlots, out.rxSlots, out.hostTxRings, out.hostRxRings];
      };
      t.strictSame(of({}), [1, 3, 64, 128, 0, 0]);
      t.strictSame(of({ txSlots: 16, rxSlots: 5000 }), [1, 3, 16, 4096, 0, 0]);
      t.strictSame(of({ rxSlots: 8, txRings: 7, rxRings: 9 }), [1, 3, 64, 8, 0, 0]);
      t.strictSame(of({ flags: ZCOPY_MON, txSlots: 4, rxSlots: 16 }), [1, 3, 4, 16, 0, 0]);
    },

    'copy monitors have memory of their own, zero-copy monitors that of their port': (t, lab) => {
      const a = lab.port('a');
      const b = lab.port('b');
      const of = (flags: number, memId = 0) => lab.register(`${lab.vale}:a`, { flags, memId });
      const copy = of(MONITOR_RX).out.memId;
      t.not(copy, a.memId);
      t.equal(of(ZCOPY_MON).out.memId, a.memId);
      for (const wanted of [1, a.memId, b.memId]) {
        t.not(of(MONITOR_RX, wanted).out.memId, wanted, 'whatever they ask for');
        t.equal(of(ZCOPY_MON, wanted).out.memId, a.memId);
      }
      t.equal(of(MONITOR_RX, 777).errno, EINVAL, 'but it must exist');
      t.equal(of(ZCOPY_MON, 777).errno, EINVAL);
    },

    'begin with fresh rings, the rx rings first': (t, lab) => {
      lab.port('a', TWO_BY_THREE);
      const { port } = watch(lab, 'a', { rx: true }, { txSlots: 0, rxSlots: 0, rxOnly: false });
      t.strictSame([port.txRings.length, port.rxRings.length], [1, 3]);
      t.strictSame([...port.rxRings, ...port.txRings].map(state), ['0/0/0', '0/0/0', '0/0/0', '0/0/63']);
      t.strictSame(
        [...port.rxRings, ...port.txRings].map((ring) => slot(ring, 0).index),
        [2, 130, 258, 386],
      );
    },

    'are numbered in their name': (t, lab) => {
      lab.open({ name: 'valem:a' }); // a short one: names are cut to 15 characters
      const named = (flags: number): string => {
        const { native, out } = lab.register('valem:a', { flags });
        const region = native.map(out.memSize) as ArrayBuffer;
        return Buffer.from(region, out.offset, 16).toString('latin1').replace(/\0.*$/, '');
      };
      t.equal(named(MONITOR_RX), 'valem:a/r#0');
      t.equal(named(MONITOR_TX), 'valem:a/t#1');
      t.equal(named(MONITOR_TX | MONITOR_RX), 'valem:a/rt#2');
      t.equal(named(ZCOPY_MON), 'valem:a/zrt#3');
    },

    'of one ring': (t, lab) => {
      const a = lab.port('a', TWO_BY_THREE);
      const of = (ringId: number, flags: number = MONITOR_RX) =>
        lab.register(`${lab.vale}:a`, { mode: 4, ringId, flags }).errno;
      t.strictSame(
        [0, 1, 2, 3].map((ring) => of(ring)),
        [0, 0, 0, EINVAL],
      );
      t.strictSame(
        [0, 1, 2, 3].map((ring) => of(ring, ZCOPY_MON)),
        [0, 0, 0, EINVAL],
      );
      const one = watch(lab, 'a', { tx: true }, { ring: 1 });
      const all = watch(lab, 'a', { tx: true });
      t.strictSame(
        one.port.rxRings.map(({ id }) => id),
        [1],
      );
      send(a.txRings[0], frame(10));
      send(a.txRings[1], frame(11));
      t.strictSame(one.port.rxRings.map(take), [[11]]);
      t.strictSame(all.port.rxRings.map(take), [[10], [11], []]);
    },

    'see rings of their port that are opened later': (t, lab) => {
      lab.port('a', { mode: 'ring', ring: 0, txRings: 2, rxRings: 2 });
      const { port } = watch(lab, 'a', { tx: true });
      const later = lab.port('a', { mode: 'ring', ring: 1 });
      send(later.txRings[0], frame(7));
      t.strictSame(port.rxRings.map(take), [[], [7]]);
    },

    'are refused in modes that their port does not have': (t, lab) => {
      lab.port('a');
      const of = (mode: number) => lab.register(`${lab.vale}:a`, { mode, flags: MONITOR_RX }).errno;
      t.strictSame([0, 2, 3, 5, 6, 8, 9].map(of), [EINVAL, EINVAL, EINVAL, EINVAL, EINVAL, EINVAL, EINVAL]);
    },

    'of a null port are null ports': (t, lab) => {
      const { errno, out } = lab.register('null', { mode: 7, memId: 1, flags: ZCOPY_MON, txRings: 1, txSlots: 64 });
      t.equal(errno, 0);
      t.strictSame([out.txRings, out.flags], [1, ZCOPY_MON]);
    },

    'do not count for exclusive use': (t, lab) => {
      const a = lab.port('a', { exclusive: true });
      t.equal(lab.errorOf(`${lab.vale}:a/r`), 'ok', 'who has a port alone can still be watched');
      watch(lab, 'a', { rx: true }, { exclusive: true });
      t.equal(lab.errorOf(`${lab.vale}:a/rx`), 'ok', 'each monitor is a port of its own');
      a.close();
      t.equal(lab.errorOf(`${lab.vale}:a/x`), 'ok');
    },

    'are no ports of the switch': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const { rx } = watch(lab, 'a', { tx: true });
      send(b.tx, frame(1));
      t.strictSame(take(a.rx), [1]);
      t.strictSame(take(rx), [], 'a flood does not reach them');
      const info = lab.portInfo(`${lab.vale}:a`);
      t.equal(info.memId, a.port.memId, 'and the name means the port');
    },

    'can have extra buffers': (t, lab) => {
      lab.port('a');
      t.equal(watch(lab, 'a', { rx: true }, { extraBuffers: 5 }).port.extraBuffers.available, 5);
      t.equal(watch(lab, 'a', { zeroCopy: true }, { extraBuffers: 5 }).port.extraBuffers.available, 5);
    },

    'send nothing': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const { port } = watch(lab, 'a', { rx: true }, { rxOnly: false });
      const [tx] = port.txRings;
      t.strictSame([poll(port, IN), poll(port, OUT), poll(port, IN | OUT)], [0, OUT | ERR, OUT | ERR]);
      tx.writeFrame(frame(1));
      tx.advance(1);
      t.doesNotThrow(() => port.txSync());
      t.equal(state(tx), '1/1/15');
      t.strictSame([poll(port, IN), poll(port, 0)], [ERR, ERR], 'poll tries to send it');
      t.strictSame([take(a.rx), take(b.rx)], [[], []]);
      tx.advance(tx.available);
      t.strictSame([poll(port, OUT), poll(port, IN)], [ERR, ERR]);
    },

    'without a tx ring have nothing to complain of': (t, lab) => {
      lab.port('a');
      const { port } = watch(lab, 'a', { rx: true });
      t.equal(port.txRings.length, 0);
      t.strictSame([poll(port, IN), poll(port, OUT), poll(port, IN | OUT)], [0, 0, 0]);
      const flags = MONITOR_RX | RX_RINGS_ONLY;
      t.equal(lab.register(`${lab.vale}:a`, { flags }).out.flags, flags);
    },

    'leave their port as it was when they are closed': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      for (const monitor of [{ rx: true, tx: true }, { zeroCopy: true }]) {
        for (let round = 0; round < 3; round++) {
          const { port, rx } = watch(lab, 'a', monitor);
          send(a.tx, frame(1), frame(2));
          send(b.tx, frame(3));
          t.strictSame(take(a.rx), [3]);
          a.port.rxSync();
          t.equal(take(rx).length, 3);
          port.close();
          send(a.tx, frame(4));
          t.strictSame(take(b.rx), [1, 2, 4]);
          t.ok(distinct(a.port));
        }
      }
    },

    'end with the last descriptor of their port': (t, lab) => {
      const first = lab.rings('a');
      const second = lab.rings('a');
      const { port, rx } = watch(lab, 'a', { tx: true });
      first.port.close();
      send(second.tx, frame(1));
      t.equal(poll(port, IN), IN);
      t.strictSame(take(rx), [1]);
      second.port.close();
      t.equal(poll(port, IN), ERR);
      t.doesNotThrow(() => {
        port.rxSync();
        port.txSync();
      }, 'syncs succeed all the same');
      t.equal(port.ended, true);
    },

    'of one end of a pipe end with that end': (t, lab) => {
      const { a, b } = lab.pipe();
      const one = watch(lab, '{q', { rx: true }).port;
      const other = watch(lab, '}q', { rx: true }).port;
      b.port.close();
      t.strictSame([poll(one, IN), poll(other, IN)], [0, ERR]);
      send(a.tx, frame(1));
      a.port.close();
      t.equal(poll(one, IN), ERR);
    },

    'keep what they have shown when their port goes': (t, lab) => {
      const a = lab.rings('a');
      const { port, rx } = watch(lab, 'a', { tx: true });
      send(a.tx, frame(1), frame(2));
      t.equal(poll(port, IN), IN);
      a.port.close();
      t.equal(poll(port, IN), IN | ERR);
      t.strictSame(tags(rx), [1, 2]);
      rx.advance(2);
      t.equal(poll(port, IN), ERR);
    },

    'and what they have not yet been asked for': (t, lab) => {
      const a = lab.rings('a');
      const { port, rx } = watch(lab, 'a', { tx: true });
      send(a.tx, frame(1), frame(2));
      a.port.close();
      t.strictSame(
        [poll(port, IN), tags(rx)],
        lab.by('monitor-last-frames', { kernel: [ERR, []], engine: [IN | ERR, [1, 2]] }),
      );
    },

    'do not come back with a port of the same name': (t, lab) => {
      lab.port('a').close();
      const before = lab.rings('a');
      const old = watch(lab, 'a', { tx: true });
      before.port.close();
      const after = lab.rings('a');
      const young = watch(lab, 'a', { tx: true });
      send(after.tx, frame(5));
      t.strictSame(take(young.rx), [5]);
      t.strictSame(take(old.rx), []);
      t.equal(poll(old.port, IN), ERR);
    },

    'that sleep are woken by a frame': async (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      const rx = watch(lab, 'a', { rx: true }).rx;
      const tx = watch(lab, 'a', { tx: true }).rx;
      setTimeout(() => send(b.tx, frame(1)), 30);
      t.equal(await rx.port.readable({ timeout: 20_000 }), true, 'nobody has synced the port');
      t.strictSame(take(rx), [1]);
      setTimeout(() => send(a.tx, frame(2)), 30);
      t.equal(await tx.port.readable({ timeout: 20_000 }), true);
      t.strictSame(take(tx), [2]);
    },

    'that sleep in poll when their port goes': async (t, lab) => {
      const peer = await lab.peer();
      const a = lab.rings('a');
      await peer.run(
        ({ lib, ports }: PeerContext, { name, device }) => {
          ports.m = lib.open({ name }, { monitor: { tx: true }, device });
        },
        { name: `${lab.vale}:a`, device: lab.device },
      );
      const slept = peer.run(({ ports, raw }: PeerContext) => {
        const start = Date.now();
        const revents = raw.poll(ports.m, 1, 3000);
        return [revents, Date.now() - start > 2500];
      }, null);
      await new Promise((resolve) => setTimeout(resolve, 300));
      a.port.close();
      t.strictSame(await slept, lab.by('monitor-wakes', { kernel: [ERR, true], engine: [ERR, false] }));
    },
  },
};
