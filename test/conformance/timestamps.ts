import { lib } from '../support/library';
import { poll, ringHeader } from '../support/raw-ring';
import type { Topic } from './scenario';

const { IN, OUT } = lib.POLL;
const SLACK = 0.05;

export const timestamps: Topic = {
  title: 'time stamps',
  rules: {
    'every rx sync stamps the rx rings, frames or not': (t, lab) => {
      const port = lab.port('a', { rxRings: 2 });
      const before = Date.now() / 1000;
      port.rxSync();
      const after = Date.now() / 1000;
      for (const ring of port.rxRings) {
        t.ok(ring.timestamp >= before - SLACK && ring.timestamp <= after + SLACK, `${ring.timestamp}`);
      }
    },

    'so does a poll for POLLIN, but none for POLLOUT and no tx sync': (t, lab) => {
      const { port, rx, tx } = lab.rings('a');
      poll(port, OUT);
      port.txSync();
      t.equal(ringHeader(rx).seconds, 0);
      poll(port, IN);
      t.ok(ringHeader(rx).seconds > 1e9);
      t.equal(ringHeader(tx).seconds, 0, 'tx rings are never stamped');
    },

    'whatever the flags of the ring, which are left alone': (t, lab) => {
      const { port, rx } = lab.rings('a');
      for (const flags of [0, lib.NR.TIMESTAMP | lib.NR.FORWARD, 0xffffffff]) {
        rx.ringFlags = flags;
        port.rxSync();
        t.equal(rx.ringFlags, flags);
        t.ok(rx.timestamp > 1e9);
      }
    },
  },
};
