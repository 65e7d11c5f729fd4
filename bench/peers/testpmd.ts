import { setTimeout as sleep } from 'node:timers/promises';
import { isHeadline, type Peer } from '../benchmark';
import { Testpmd, testpmdMissing } from './testpmd-process';

/** Bursts of 64 are what testpmd is fastest with here. */
const BURST = 64;

/** DPDK's generator into its null driver, on one core. */
export const testpmdNull: Peer = {
  name: 'testpmd net_null',
  missing: testpmdMissing,
  fits: isHeadline,
  async measure({ frame = 60 }, session) {
    const options = ['--forward-mode=txonly', `--txpkts=${frame}`, `--burst=${BURST}`];
    const testpmd = new Testpmd(session, '0@0,1@1', `net_null0,size=${frame}`, options);
    await testpmd.ready();
    testpmd.start();
    await sleep(1000 * session.warmUp);
    const rate = await testpmd.rate('Tx', session.seconds);
    await testpmd.quit();
    return { rate };
  },
};
