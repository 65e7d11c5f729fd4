import { vale } from './folder';
import t from 'tap';
import { run } from './support/cli';

for (const rate of [50, 1000, 20000]) {
  t.test(`--rate ${rate}`, async (t) => {
    const count = rate / 2 + 1;
    const { code, summary } = await run(t, [
      'generate',
      vale('a'),
      '--count',
      `${count}`,
      '--rate',
      `${rate}`,
      '--json',
    ]);
    t.equal(code, 0);
    t.equal(summary.packets, count);
    // The last packet is due half a second after the first one. A busy machine may be late, nobody may be early.
    t.ok((summary.seconds as number) >= 0.499, `${summary.seconds} s`);
    t.ok((summary.pps as number) <= rate * 1.1);
  });
}

t.test('--duration with a rate sends what is due in that time', async (t) => {
  const { summary } = await run(t, ['generate', vale('a'), '--duration', '0.5', '--rate', '2000', '--json']);
  const packets = summary.packets as number;
  t.ok(packets > 0 && packets <= 1000, `${packets}`);
});

t.test('--duration without a rate', async (t) => {
  const { code, summary } = await run(t, ['generate', 'null:', '--duration', '0.4', '--json']);
  t.equal(code, 0);
  t.ok((summary.packets as number) > 0);
});
