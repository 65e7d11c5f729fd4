import { setTimeout as sleep } from 'node:timers/promises';
import type { Conditions, Peer } from '../benchmark';
import { Testpmd, testpmdMissing } from './testpmd-process';

/** Two processes of DPDK with shared memory between them: a core each. */
export function testpmdMemif(fits: (conditions: Conditions) => boolean): Peer {
  return {
    name: 'testpmd net_memif',
    missing: testpmdMissing,
    fits,
    async measure({ frame = 60 }, session) {
      const socket = session.unusedFile();
      const device = (role: string) => `net_memif0,role=${role},id=0,socket=${socket},socket-abstract=no,rsize=10`;
      const burst = '--burst=64';
      const receiver = new Testpmd(session, '0@0-1,1@0', device('server'), ['--forward-mode=rxonly', burst]);
      await receiver.ready();
      const sender = new Testpmd(session, '0@0-1,1@1', device('client'), [
        ...['--forward-mode=txonly', `--txpkts=${frame}`, burst],
      ]);
      await sender.ready();
      receiver.start();
      sender.start();
      await sleep(1000 * session.warmUp);
      const rate = await receiver.rate('Rx', session.seconds);
      await sender.quit();
      await receiver.quit();
      return { rate };
    },
  };
}
