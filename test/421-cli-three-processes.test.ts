import { scratch, vale } from './folder';
import { PcapReader } from 'node-netmap';
import { join } from 'node:path';
import t from 'tap';
import { run, start } from './support/cli';

t.test('a capture joins a generator and a sink', async (t) => {
  const file = join(scratch, 'out.pcap');
  const sink = await start(t, ['sink', vale('b'), '--check', '--count', '600']);
  const generator = await start(t, ['generate', vale('a'), '--rate', '500', '--count', '600']);
  const capture = await start(t, ['capture', vale('c'), file]);
  const sent = await generator.ended;
  const got = await sink.ended;
  const caught = await capture.stop();
  t.strictSame([sent.code, got.code, caught.code], [0, 0, 0]);
  t.match(got.summary, { packets: 600, dropped: 0, lost: 0, reordered: 0, duplicated: 0, corrupt: 0 });
  const packets = caught.summary.packets as number;
  t.ok(packets > 0 && packets <= 600, `joined in time for ${packets}`);
  t.equal([...PcapReader.open(file)].length, packets);
});

t.test('what one receiver is too slow for, the other one gets', async (t) => {
  const all = await start(t, ['sink', vale('b@conf:rx-slots=4096')]);
  const few = await start(t, ['sink', vale('c@conf:rx-slots=8')]);
  few.kill('SIGSTOP'); // asleep, so that its ring fills up
  const sent = await run(t, ['generate', vale('a'), '--count', '3000', '--json']);
  few.kill('SIGCONT');
  const [one, other] = [await all.stop(), await few.stop()];
  t.equal(sent.summary.packets, 3000);
  t.match(one.summary, { packets: 3000, dropped: 0 });
  t.match(other.summary, { packets: 7, dropped: 2993 });
});
