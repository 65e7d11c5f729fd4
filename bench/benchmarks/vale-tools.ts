import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Benchmark, Contestant } from '../benchmark';
import { isHeadline } from '../benchmark';
import { BATCHES, FRAMES } from '../grid';
import { root } from '../library';
import { testpmdMemif } from '../peers/memif';
import { copyModel } from '../peers/models';

const cli = join(root, 'lib', 'cli', 'main.js');

const tools: Contestant = {
  name: 'node-netmap',
  async measure({ batch, frame }, session) {
    if (!existsSync(cli)) throw new Error('lib/cli/main.js is not there');
    const { a, b } = session.names('vale');
    // The sink is there before the generator and stays longer, so that all that was sent is counted by it.
    const sink = session.node([cli, 'sink', b, '--json']);
    await session.portExists(b);
    const seconds = session.warmUp + session.seconds;
    const generate = session.node([
      ...[cli, 'generate', a, '--json', '--duration', String(seconds)],
      ...['--batch', String(batch), '--length', String(frame)],
    ]);
    const sent = await generate.message('summary');
    await generate.end();
    await sink.stop();
    const got = await sink.message('summary');
    const counted = (got.dropped ?? NaN) + (sent.unroutable ?? NaN) + (sent.bad ?? NaN);
    return {
      rate: got.packets / sent.seconds / 1e6,
      sent: sent.pps / 1e6,
      // NaN where the device counts no drops: then there is nothing to compare with.
      unaccounted: sent.packets - got.packets - counted,
    };
  },
};

export const valeTools: Benchmark = {
  name: 'vale-tools',
  what: 'the tools as shipped: generate -> switch -> sink; the first moments count as well',
  figures: [
    { name: 'rate', unit: 'Mpps', main: true },
    { name: 'sent', unit: 'Mpps' },
    { name: 'unaccounted', unit: 'packets' },
  ],
  goals: [
    { figure: 'rate', atLeast: 40, when: isHeadline },
    { figure: 'rate', atLeast: 60, when: isHeadline, aim: true },
    { figure: 'unaccounted', atMost: 0, when: () => true },
    { figure: 'rate', atLeast: 2, over: 'testpmd net_memif', when: isHeadline },
  ],
  cases: (full) =>
    full ? FRAMES.flatMap((frame) => BATCHES.map((batch) => ({ batch, frame }))) : [{ batch: 512, frame: 60 }],
  ours: tools,
  peers: [copyModel(isHeadline), testpmdMemif(isHeadline)],
};
