import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { pipe, scratch, vale } from './folder';
import { control } from 'node-netmap';
import { FLAWLESS, runTool, skip, startTool } from './support/kernel';

// A machine that emulates the kernel may take seconds to wake a process up: what has to arrive fits into one ring.
const RING = ['--count', '900'];

const far = (name: string) => name.replace(/:.*/, (rest) => (rest.includes('{') ? rest.replace('{', '}') : ':far'));

for (const [where, inside, outside] of [
  ['two switches', vale('in'), vale('out').replace(':', 'x:')],
  ['two pipes', pipe('{', 'e1'), pipe('{', 'e2')],
]) {
  t.test(`emulate between ${where}`, { skip }, async (t) => {
    const link = ['--delay', '5ms', '--queue', '2000', '--drain', '--name', 'kernel'];
    const emulator = await startTool(t, ['emulate', inside, outside, ...link]);
    const sink = await startTool(t, ['sink', far(outside), '--check', ...RING]);
    const sent = await runTool(t, ['generate', far(inside), ...RING]);
    const got = await sink.ended;
    t.strictSame([sent.code, got.code], [0, 0]);
    t.match(got.summary, { ...FLAWLESS, packets: 900, device: 'kernel' });
    t.match((await control('kernel', 'pipe 1 change delay 1ms')).notes, []);
    t.match((await control('kernel', 'stats')).stats, { packets: 900, dropped: 0 });
    const { code, summary } = await emulator.stop('SIGINT');
    t.equal(code, 0);
    t.match(summary, { packets: 900, dropped: 0, device: 'kernel', links: [{ number: 1, out: { packets: 900 } }, {}] });
  });
}

t.test('emulate with rules', { skip }, async (t) => {
  const [inside, outside] = [vale('rules'), vale('rules').replace(':', 'y:')];
  const config = join(scratch, 'rules.conf');
  writeFileSync(
    config,
    `pipe 1 config delay 5ms queue 2000
     add 100 deny udp from any to any dst-port 1-999 out
     add 200 pipe 1 udp from any to any out
     add 300 allow ip from any to any`,
  );
  const emulator = await startTool(t, ['emulate', inside, outside, '-c', config, '--drain']);
  const sink = await startTool(t, ['sink', far(outside), '--check', ...RING]);
  const dropped = await runTool(t, ['generate', far(inside), '--dst-port', '53', '--count', '100']);
  const sent = await runTool(t, ['generate', far(inside), '--dst-port', '5353', ...RING]);
  t.strictSame([dropped.code, sent.code], [0, 0]);
  t.match((await sink.ended).summary, { ...FLAWLESS, packets: 900 });
  const { code, summary } = await emulator.stop('SIGINT');
  t.equal(code, 0);
  t.match(summary, { packets: 900, dropped: 100 });
});
