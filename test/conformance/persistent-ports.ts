import { availableParallelism } from 'node:os';
import { inside } from '../support/library';
import { BROADCAST, frame, mac, send, take } from '../support/frames';
import { internetFrame, vnetHeader } from '../support/internet-frames';
import { ringHeader, state } from '../support/raw-ring';
import type { Lab } from './lab';
import type { Rule, Topic } from './scenario';
import { valeRequests } from './vale-requests';
import { sendVnet, vnetPort } from './vnet';

const [ENXIO, ENOMEM, EFAULT, EBUSY, EEXIST, EINVAL, EOPNOTSUPP] = [6, 12, 14, 16, 17, 22, 95];

/** For differences that are looked at on the engine only. */
const ENGINE_ONLY = { kernel: undefined, engine: undefined };

/** The kernel's module gives an attached port another name when it is opened, and then cannot let go of it again. */
function onEngine(rule: (t: Parameters<Rule>[0], lab: Lab) => unknown): Rule {
  return (t, lab) => {
    if (lab.device === 'engine') return rule(t, lab);
    t.comment('would leave a port behind that the kernel cannot remove: not tried');
    return undefined;
  };
}

export const persistentPorts: Topic = {
  title: 'persistent ports',
  rules: {
    'have the geometry that was asked for, within limits, and memory of their own': (t, lab) => {
      const vale = valeRequests(lab);
      const name = lab.parent;
      const made = vale.newIf(name, { txSlots: 5000, rxSlots: 1, txRings: 20, rxRings: 2 });
      t.match(made, { errno: 0, txSlots: 4096, rxSlots: 1, txRings: 16, rxRings: 2 });
      t.ok(made.memId >= 2);
      const { memId, txSlots, rxSlots, txRings, rxRings } = made;
      const info = { errno: 0, memId, txSlots, rxSlots, txRings, rxRings, hostTxRings: 0, hostRxRings: 0 };
      t.match(lab.portInfo(name), info);
      t.equal(vale.deleteIf(name), 0);
      t.equal(lab.portInfo(name).errno, ENXIO);
      t.match(vale.newIf(name, { txSlots: 64, rxSlots: 128, memId: 1 }), {
        errno: 0,
        memId: 1,
        txRings: 1,
        rxRings: 1,
      });
      t.match(lab.portInfo(name), { memId: 1, txSlots: 64, rxSlots: 128 });
    },

    'have names of their own': (t, lab) => {
      const vale = valeRequests(lab);
      const name = lab.parent;
      const make = (text: string, memId = 0) => vale.newIf(text, { txSlots: 8, rxSlots: 8, memId }).errno;
      t.equal(make(name), 0);
      t.equal(make(name), EEXIST);
      for (const bad of ['', `${lab.vale}:a`, 'valex', 'a:b', 'a b', 'a/b', '.', '..', 'x'.repeat(16)]) {
        t.equal(make(bad), EINVAL, `'${bad}'`);
      }
      t.equal(make(name.padEnd(15, '-')), 0, 'up to 15 characters, what the grammar of names cannot say among them');
      t.equal(make(`${name}x`, 777), EINVAL, 'an unknown memory region');
      t.equal(lab.portInfo(`${name}x`).errno, ENXIO);
    },

    'go when they are deleted, not before': (t, lab) => {
      const vale = valeRequests(lab);
      const name = lab.parent;
      t.equal(vale.deleteIf(name), ENXIO);
      t.equal(vale.deleteIf(''), ENXIO);
      t.equal(vale.deleteIf(`${lab.vale}:a`), ENXIO);
      vale.newIf(name, { txSlots: 64, rxSlots: 64 });
      t.equal(vale.deleteIf(name, new Uint8Array(16)), EINVAL, 'the request has no body');
      const port = lab.open({ name });
      t.equal(vale.deleteIf(name), EBUSY, 'open');
      port.close();
      const pipe = lab.open({ name: `${name}{1` });
      t.equal(vale.deleteIf(name), EBUSY, 'a pipe of it is open');
      pipe.close();
      t.ok(vale.attach(`${lab.vale}:${name}`) >= 0);
      t.equal(vale.deleteIf(name), EBUSY, 'attached');
      t.ok(vale.detach(`${lab.vale}:${name}`) >= 0);
      t.equal(vale.deleteIf(name), 0);
      t.equal(vale.deleteIf(name), ENXIO);
    },

    'send to nobody as long as they are on no switch': (t, lab) => {
      const vale = valeRequests(lab);
      const name = lab.parent;
      vale.newIf(name, { txSlots: 16, rxSlots: 16 });
      const port = lab.open({ name }, { txSlots: 64, txRings: 3 });
      t.equal(port.txRings.length, 1, 'what an open asks for does not matter');
      const [tx] = port.txRings;
      t.equal(tx.numSlots, 16);
      send(tx, frame(1), frame(2));
      t.equal(state(tx), '2/2/1');
      t.strictSame(take(port.rxRings[0]), []);
      t.equal(inside.nativeOf.get(port)!.poll(5, 0), 4);
    },

    'cannot be opened on a switch that they are not attached to': (t, lab) => {
      const vale = valeRequests(lab);
      vale.newIf(lab.parent, { txSlots: 8, rxSlots: 8 });
      const elsewhere = `${lab.vale}:${lab.parent}`;
      t.equal(lab.register(elsewhere).errno, EINVAL);
      t.equal(lab.portInfo(elsewhere).errno, EINVAL);
      t.equal(vale.header(elsewhere), -ENXIO);
      t.equal(lab.register(lab.parent, { mode: inside.MODE.host }).errno, EINVAL, 'they have no host rings');
    },

    'use another region for as long as they are open': (t, lab) => {
      const vale = valeRequests(lab);
      const { memId } = vale.newIf(lab.parent, { txSlots: 8, rxSlots: 8 });
      const other = lab.port('o');
      const port = lab.open({ name: lab.parent }, { memId: other.memId });
      t.equal(port.memId, other.memId);
      t.ok(port.canSwapWith(other));
      port.close();
      t.equal(lab.portInfo(lab.parent).memId, memId);
      t.equal(lab.register(lab.parent, { memId: 777 }).errno, EINVAL);
    },

    'are attached under the lowest free index, and found there': (t, lab) => {
      const vale = valeRequests(lab);
      lab.port('a');
      vale.newIf(lab.parent, { txSlots: 8, rxSlots: 8 });
      const full = `${lab.vale}:${lab.parent}`;
      t.equal(vale.attach(full), 1);
      const [bridge] = vale.index(`${lab.vale}:a`) as [number, number];
      t.strictSame(vale.index(full), [bridge, 1]);
      t.equal(vale.index(lab.parent), -EINVAL, 'without the switch it is no name of a switch port');
      t.equal(vale.attach(full), -EBUSY, 'twice');
      t.equal(vale.detach(full), 1);
      t.strictSame(vale.index(full), [bridge, 255]);
      t.equal(vale.detach(full), -ENXIO);
    },

    'keep a switch in being': (t, lab) => {
      const vale = valeRequests(lab);
      vale.newIf(lab.parent, { txSlots: 8, rxSlots: 8 });
      vale.attach(`${lab.vale}:${lab.parent}`);
      t.ok(Array.isArray(vale.index(`${lab.vale}:x`)));
      vale.detach(`${lab.vale}:${lab.parent}`);
      t.equal(vale.index(`${lab.vale}:x`), -2, 'ENOENT');
    },

    'what cannot be attached, detached or polled': (t, lab) => {
      const vale = valeRequests(lab);
      lab.port('e');
      vale.newIf(lab.parent, { txSlots: 8, rxSlots: 8 });
      const full = `${lab.vale}:${lab.parent}`;
      t.equal(vale.attach(`${lab.vale}:nosuch`), -EINVAL);
      t.equal(vale.attach(`${lab.vale}:`), -EINVAL);
      t.equal(vale.attach(lab.parent), -EINVAL);
      t.equal(vale.attach('vale0'), -ENOMEM);
      t.equal(vale.attach(`vale-0:${lab.parent}`), -ENOMEM);
      t.equal(vale.attach(`${lab.vale}:e`), -EBUSY, 'a port of its users is there already');
      t.equal(vale.attach(full, { memId: 777 }), -EINVAL);
      for (const mode of [0, 3, 4]) {
        t.ok(vale.attach(full, { mode }) >= 0, `mode ${mode} does not matter`);
        t.ok(vale.detach(full) >= 0);
      }
      t.equal(vale.detach(`${lab.vale}:nosuch`), -ENXIO);
      t.equal(vale.detach(`${lab.vale}y:nosuch`), -ENXIO);
      t.equal(vale.detach('vale0'), -ENXIO);
      t.equal(vale.detach(lab.parent), -EINVAL);
      t.equal(vale.detach(`${lab.vale}:e`), -EBUSY);
      for (const on of [true, false]) {
        t.equal(vale.polling(on, `${lab.vale}:nosuch`), ENXIO);
        t.equal(vale.polling(on, 'vale0'), ENXIO);
        t.equal(vale.polling(on, lab.parent), EINVAL);
        t.equal(vale.polling(on, `${lab.vale}:e`), EOPNOTSUPP);
      }
      vale.attach(full);
      t.equal(vale.polling(true, full), EOPNOTSUPP);
      const { VALE_NEWIF, VALE_ATTACH, VALE_DETACH, VALE_POLLING_ENABLE, PORT_HDR_SET } = inside.REQ;
      for (const type of [VALE_NEWIF, VALE_ATTACH, VALE_DETACH, VALE_POLLING_ENABLE, PORT_HDR_SET]) {
        t.equal(lab.descriptor().control(type, full, null, [])?.errno, EINVAL, `request ${type} without a body`);
      }
    },

    'open under either name once attached, and keep both': onEngine((t, lab) => {
      lab.by('persistent-names', ENGINE_ONLY);
      const vale = valeRequests(lab);
      const full = `${lab.vale}:${lab.parent}`;
      vale.newIf(lab.parent, { txSlots: 16, rxSlots: 16 });
      vale.attach(full);
      const first = lab.open(full);
      const second = lab.open({ name: lab.parent });
      t.equal(first.memId, second.memId);
      t.equal(ringHeader(first.rxRings[0]).numSlots, 16);
      const nameOf = ({ u8 }: typeof first) => Buffer.from(u8.subarray(0, 15)).toString('latin1').split('\0')[0];
      t.equal(nameOf(first), full.slice(0, 15));
      const other = lab.rings('o');
      send(other.tx, frame(1));
      t.strictSame(take(first.rxRings[0]), [1]);
      send(second.txRings[0], frame(2, BROADCAST, mac(7)));
      t.strictSame(take(other.rx), [2]);
      t.equal(lab.errorOf(`${full}/x`), 'EBUSY');
      t.equal(vale.deleteIf(lab.parent), EBUSY);
      first.close();
      second.close();
      t.ok(Array.isArray(vale.index(full)));
      send(other.tx, frame(3, mac(7), mac(1)), frame(4));
      const again = lab.open(full);
      t.strictSame(take(again.rxRings[0]), [], 'nobody was there');
      send(other.tx, frame(5, mac(7), mac(1)));
      t.strictSame(take(again.rxRings[0]), [5], 'its address is known still');
      again.close();
      t.ok(vale.detach(full) >= 0);
      t.equal(vale.deleteIf(lab.parent), 0);
    }),

    'exclusive use': onEngine((t, lab) => {
      const vale = valeRequests(lab);
      const full = `${lab.vale}:${lab.parent}`;
      vale.newIf(lab.parent, { txSlots: 16, rxSlots: 16 });
      vale.attach(full);
      lab.open(`${full}/x`);
      t.equal(lab.errorOf(full), 'EBUSY');
      t.equal(lab.errorOf({ name: lab.parent }), 'EBUSY');
    }),

    'stay detached and open: then they send to nobody': onEngine((t, lab) => {
      lab.by('detach-open', ENGINE_ONLY);
      const vale = valeRequests(lab);
      const full = `${lab.vale}:${lab.parent}`;
      vale.newIf(lab.parent, { txSlots: 16, rxSlots: 16 });
      const other = lab.rings('o');
      vale.attach(full);
      const port = lab.open(full);
      t.ok(vale.detach(full) >= 0);
      send(port.txRings[0], frame(1));
      const late = lab.rings('p');
      send(port.txRings[0], frame(2, BROADCAST, mac(9)));
      t.strictSame(take(other.rx), []);
      t.strictSame(take(late.rx), []);
      t.equal(port.counters()?.dropUnroutable, 2);
      send(other.tx, frame(3), frame(4, mac(9)));
      t.strictSame(take(port.rxRings[0]), []);
      t.strictSame(take(late.rx), [3, 4], 'who is on no switch is not learned there, though another has its index');
      t.equal(vale.attach(full), -EBUSY, 'open');
      lab.by('attach-open', ENGINE_ONLY);
      t.match(vale.index(full), [Number, 255]);
      port.close();
      t.ok(vale.attach(full) >= 0);
    }),

    'attached to two switches they are a link between them': onEngine((t, lab) => {
      const vale = valeRequests(lab);
      const [first, second] = [`${lab.vale}A:${lab.parent}`, `${lab.vale}B:${lab.parent}`];
      vale.newIf(lab.parent, { txSlots: 16, rxSlots: 16 });
      t.ok(vale.attach(first) >= 0);
      for (const fields of [{ mode: 0 }, { mode: 3 }, { mode: 4 }, { ringId: 1 }]) {
        t.equal(vale.attach(second, fields), -EINVAL, 'the second switch takes all rings');
      }
      t.ok(vale.attach(second) >= 0);
      t.equal(vale.attach(second), -EBUSY);
      t.equal(vale.attach(`${lab.vale}C:${lab.parent}`), -EBUSY, 'a third one');
      for (const name of [lab.parent, first, second]) t.equal(lab.register(name).errno, EBUSY, 'nobody can open it');
      const [a, a2] = ['a', 'a2'].map((name) => lab.ringsOf(`${lab.vale}A:${name}`));
      const [b, b2] = ['b', 'b2'].map((name) => lab.ringsOf(`${lab.vale}B:${name}`));
      send(a.tx, frame(1, BROADCAST, mac(1)));
      for (const { rx } of [a2, b, b2]) t.strictSame(take(rx), [1]);
      send(b.tx, frame(2, mac(1), mac(2)));
      t.strictSame(take(a.rx), [2]);
      send(a.tx, frame(3, mac(2), mac(1)));
      t.strictSame(take(b.rx), [3]);
      for (const { rx } of [a2, b2]) t.strictSame(take(rx), [], 'both switches have learned');
      t.equal(vale.detach(first), -EBUSY, 'the second one first');
      t.ok(vale.detach(second) >= 0);
      send(a.tx, frame(4));
      t.strictSame(take(b.rx), []);
      t.ok(vale.detach(first) >= 0);
    }),

    'a link takes large frames as they are': onEngine((t, lab) => {
      lab.by('link-large', ENGINE_ONLY);
      const vale = valeRequests(lab);
      vale.newIf(lab.parent, { txSlots: 16, rxSlots: 16 });
      vale.attach(`${lab.vale}:${lab.parent}`);
      vale.attach(`${lab.vale}B:${lab.parent}`);
      const a = vnetPort(lab, 'a', 12);
      const b = lab.ringsOf(`${lab.vale}B:b`, { acceptVnetHdr: true });
      vale.setHeader(`${lab.vale}B:b`, 12);
      const fields = { flags: 1, gsoType: 1, checksumStart: 34, checksumOffset: 16 };
      const sent = internetFrame({ payload: 4000 });
      sendVnet(a, 12, fields, sent);
      b.port.rxSync();
      t.equal(b.rx.available, 2);
      const into = new Uint8Array(5000);
      t.equal(b.rx.readFrame(b.rx.head, into), 12 + sent.length);
      t.strictSame(Buffer.from(into.subarray(0, 12 + sent.length)), Buffer.concat([vnetHeader(12, fields), sent]));
    }),

    'only links can be polled, and then not be detached': onEngine((t, lab) => {
      const cores = availableParallelism();
      if (cores < 2) {
        t.comment('one processor: polling would need all of them, which is refused');
        return;
      }
      const vale = valeRequests(lab);
      const [first, second] = [`${lab.vale}A:${lab.parent}`, `${lab.vale}B:${lab.parent}`];
      vale.newIf(lab.parent, { txSlots: 16, rxSlots: 16 });
      vale.attach(first);
      vale.attach(second);
      t.equal(vale.polling(true, first), EOPNOTSUPP);
      t.equal(vale.polling(false, second), EFAULT);
      t.equal(vale.polling(true, second, 0), EINVAL);
      t.equal(vale.polling(true, second, 1, 0, 0), EINVAL);
      t.equal(vale.polling(true, second, 1, 0, 2), EINVAL);
      t.equal(vale.polling(true, second, 2, 1, 1), EINVAL, 'a ring that is not there');
      t.equal(vale.polling(true, second, 2, 0, cores), EINVAL, 'all processors');
      t.equal(vale.polling(true, second, 1, 5, 1), 0);
      t.equal(vale.polling(true, second), EFAULT, 'twice');
      t.equal(vale.detach(second), -EBUSY);
      t.equal(vale.polling(false, second), 0);
      t.ok(vale.detach(second) >= 0);
    }),

    'have pipes, under either name the same ones': onEngine((t, lab) => {
      const vale = valeRequests(lab);
      const full = `${lab.vale}:${lab.parent}`;
      const { memId } = vale.newIf(lab.parent, { txSlots: 16, rxSlots: 16 });
      t.equal(lab.register(`${full}{1`).errno, EINVAL, 'not attached there');
      vale.attach(full);
      const a = lab.open({ name: `${lab.parent}{1` });
      const b = lab.open({ name: `${full}}1` });
      t.equal(a.memId, memId);
      send(a.txRings[0], frame(1));
      t.strictSame(take(b.rxRings[0]), [1]);
      t.equal(vale.deleteIf(lab.parent), EBUSY);
    }),
  },
};
