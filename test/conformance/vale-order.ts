import { BROADCAST, frame, mac, queue, take } from '../support/frames';
import type { Topic } from './scenario';

export const valeOrder: Topic = {
  title: 'VALE: order',
  rules: {
    'frames of one ring arrive in the order in which they were sent': (t, lab) => {
      const a = lab.rings('a', { txSlots: 200 });
      const b = lab.rings('b', { rxSlots: 256 });
      const c = lab.rings('c', { rxSlots: 256 });
      queue(b.tx, frame(0, BROADCAST, mac(2)));
      b.port.txSync();
      take(c.rx);
      let tag = 0;
      const wanted: number[] = [];
      const floods: number[] = [];
      const gotB: number[] = [];
      const gotC: number[] = [];
      for (let round = 0; round < 5; round++) {
        for (let i = 0; i < 150; i++, tag++) {
          const flood = (tag * 5) % 7 < 3;
          wanted.push(tag);
          if (flood) floods.push(tag);
          queue(a.tx, frame(tag, flood ? BROADCAST : mac(2), mac(1), 60 + (tag % 90)));
        }
        a.port.txSync();
        gotB.push(...take(b.rx));
        gotC.push(...take(c.rx));
        b.port.rxSync();
        c.port.rxSync();
      }
      t.strictSame(gotB, wanted);
      t.strictSame(gotC, floods);
    },

    'a batch longer than the switch forwards at once stays in order': (t, lab) => {
      const a = lab.rings('a', { txSlots: 2048 });
      const b = lab.rings('b', { rxSlots: 2048 });
      queue(a.tx, ...Array.from({ length: 2000 }, (_, i) => frame(i)));
      a.port.txSync();
      const got = take(b.rx);
      t.equal(got.length, 2000);
      t.ok(got.every((tag, i) => tag === i));
    },

    'frames of several senders do not mix up each one its own order': (t, lab) => {
      const senders = ['a', 'b', 'c'].map((name) => lab.rings(name));
      const sink = lab.rings('s', { rxSlots: 256 });
      const got: number[] = [];
      for (let round = 0; round < 4; round++) {
        senders.forEach(({ tx, port }, s) => {
          for (let i = 0; i < 5; i++) queue(tx, frame(1000 * s + 5 * round + i, BROADCAST, mac(10 + s)));
          port.txSync();
        });
        got.push(...take(sink.rx));
      }
      for (let s = 0; s < 3; s++) {
        const own = got.filter((tag) => Math.floor(tag / 1000) === s);
        t.strictSame(
          own,
          Array.from({ length: 20 }, (_, i) => 1000 * s + i),
        );
      }
    },
  },
};
