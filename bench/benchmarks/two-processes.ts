import { writeFileSync } from 'node:fs';
import type { Contestant } from '../benchmark';

/** A sender and a receiver of ours, a process each. What neither got nor counted as dropped is `unaccounted`. */
export function twoProcesses(kind: 'vale' | 'pipe'): Contestant {
  return {
    name: 'node-netmap',
    async measure(conditions, session) {
      const args = { ...conditions, ...session.names(kind), over: session.unusedFile() };
      const receiver = session.program('receiver', args);
      await receiver.message('ready');
      const sender = session.program('sender', args);
      const sent = await sender.message('result');
      writeFileSync(args.over, ''); // tells the receiver that no more will come
      const got = await receiver.message('result');
      await Promise.all([sender.end(), receiver.end()]);
      const lost = sent.sent - got.received;
      return { rate: got.rate, sent: sent.rate, lost, unaccounted: lost - got.dropped - sent.dropped };
    },
  };
}
