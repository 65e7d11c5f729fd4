import { BROADCAST, frame, mac, send, take } from '../support/frames';
import { poll, state } from '../support/raw-ring';
import type { Topic } from './scenario';

export const lifetime: Topic = {
  title: 'lifetime',
  rules: {
    'a closed port is free at once, mapping and all': (t, lab) => {
      for (let i = 0; i < 5; i++) {
        const port = lab.port('a', { exclusive: true });
        port.close();
        t.equal(port.closed, true);
      }
      t.equal(lab.errorOf(`${lab.vale}:a`, { exclusive: true }), 'ok');
    },

    'nothing of a port outlives its last close': (t, lab) => {
      const a = lab.rings('a');
      const b = lab.rings('b');
      send(b.tx, frame(1, BROADCAST, mac(2)));
      a.port.close();
      b.port.close();
      const again = lab.rings('a', { txSlots: 4, rxSlots: 4 });
      t.equal(again.tx.numSlots, 4);
      again.port.rxSync();
      t.equal(state(again.rx), '0/0/0');
    },

    'ports come and go while others send': (t, lab) => {
      const a = lab.rings('a');
      let received = 0;
      for (let round = 0; round < 20; round++) {
        const b = lab.rings(`b${round % 3}`);
        send(a.tx, frame(round));
        received += take(b.rx).length;
        b.port.close();
        send(a.tx, frame(1000));
      }
      t.equal(received, 20);
      t.equal(poll(a.port, 5), 4);
    },

    'views of a closed port are empty, and its methods throw': (t, lab) => {
      const { port, tx } = lab.rings('a');
      const { u8 } = port;
      const buffer = tx.buffer(0);
      port.close();
      port.close();
      t.equal(u8.length, 0);
      t.equal(buffer.length, 0);
      t.throws(() => port.txSync(), { code: 'ERR_NETMAP_CLOSED' });
      t.throws(() => tx.advance(1), { code: 'ERR_NETMAP_CLOSED' });
    },
  },
};
