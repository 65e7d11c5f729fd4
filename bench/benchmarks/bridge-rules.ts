import { writeFileSync } from 'node:fs';
import type { Benchmark, Contestant, Peer } from '../benchmark';

/** A process bridges two pipes; another one feeds the first and empties the second. */
function bridged(name: string, mode: 'rule' | 'hook' | 'nothing'): Contestant {
  return {
    name,
    async measure(conditions, session) {
      const { a, b } = session.names('pipe');
      const second = (port: string) => port.replace(/1$/, '2');
      const over = session.unusedFile();
      const bridge = session.program('bridge', { a, b: second(a), mode, over });
      await bridge.message('ready');
      const feeder = session.program('feeder', { ...conditions, a: b, b: second(b) });
      const { rate } = await feeder.message('result');
      writeFileSync(over, '');
      const { refused } = await bridge.message('result');
      await Promise.all([bridge.end(), feeder.end()]);
      if (refused > 0) throw new Error('a rule has matched');
      return { rate };
    },
  };
}

const peer = (contestant: Contestant): Peer => ({ ...contestant, missing: () => undefined, fits: () => true });

export const bridgeRules: Benchmark = {
  name: 'bridge-rules',
  what: 'port to port through a bridge with one rule, which does not match; a process for the bridge, one for both far ends',
  figures: [{ name: 'rate', unit: 'Mpps', main: true }],
  goals: [{ figure: 'rate', atLeast: 15, when: () => true }],
  cases: () => [{ batch: 512, frame: 60 }],
  ours: bridged('node-netmap', 'rule'),
  peers: [peer(bridged('a hook in JavaScript', 'hook')), peer(bridged('a bridge without rules', 'nothing'))],
};
