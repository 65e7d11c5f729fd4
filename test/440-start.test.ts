import { scratch } from './folder';
import { comparePackets } from 'node-netmap';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { classic } from './make-capture';
import { noData, sharedCapture } from './shared-data';
import { Cli, run, start } from './support/cli';

const script = 'lib/cli/start.js';

function npmStart(t: Test, args: string[] = [], cwd = scratch) {
  // npm calls scripts in the folder of the package, and says where it was called itself.
  return run(t, args, { script, env: { INIT_CWD: cwd } });
}

t.test('the main job', async (t) => {
  const { code, stdout, stderr } = await npmStart(t);
  t.equal(code, 0);
  t.equal(stderr, '');
  t.match(stdout, /^(engine|kernel): generate vale0:\w+ -> sink vale0:\w+, for 5 seconds\n/);
  const line = (who: string) =>
    new RegExp(`^ +\\d s  (engine|kernel)  ${who} +[\\d.]+ Mpps +[\\d.]+ Gbit/s  loss `, 'gm');
  t.ok((stdout.match(line('generator')) ?? []).length >= 4, 'a line a second');
  t.ok((stdout.match(line('sink')) ?? []).length >= 4);
  t.match(stdout, /│ generator │ +[1-9]\d+ │/);
  t.match(stdout, /│ sink +│ +[1-9]\d+ │/);
  t.match(stdout, /every packet is accounted for: sent \d+, received \d+, dropped \d+/);
});

t.test('others on the switch are told', async (t) => {
  await start(t, ['sink', 'vale0:mine']);
  const job = new Cli(t, [], { script });
  await job.said(/sink.*Mpps/);
  const { code, stdout } = await job.stop('SIGINT');
  t.equal(code, 0);
  t.match(stdout, /vale0 is in use already, by vale0:mine/);
});

t.test('Ctrl-C ends it with a summary, and leaves nothing behind', async (t) => {
  const job = new Cli(t, [], { script });
  await job.said(/sink.*Mpps/);
  const { code, stdout } = await job.stop('SIGINT');
  t.equal(code, 0);
  t.match(stdout, /every packet is accounted for/);
  const { summary } = await run(t, ['ports', '--json']);
  t.equal(summary.ports, 0);
});

t.test('a file', async (t) => {
  const folder = join(scratch, 'elsewhere');
  mkdirSync(folder);
  const hosts = Array.from({ length: 30 }, (_, n) => {
    const data = new Uint8Array(60 + 100 * n).fill(n);
    data.set([2, 0, 0, 0, 0, n % 2, 2, 0, 0, 0, 0, (n + 1) % 2]);
    return { data, time: [1000, 10000 * n] as [number, number] };
  });
  writeFileSync(join(folder, 'talk.pcap'), classic(hosts));
  const { code, stdout, stderr } = await npmStart(t, ['talk.pcap'], folder);
  t.equal(code, 0);
  t.equal(stderr, '');
  t.match(stdout, /│ replay +│ +30 │/);
  t.match(stdout, /│ capture +│ +30 │/);
  t.match(stdout, /both files hold the same packets: 30 packets of 45300 bytes/);
  t.match(comparePackets(join(folder, 'talk.pcap'), join(folder, 'talk-replayed.pcap')), { same: true });
});

const real = sharedCapture('mptcp-v0.pcap');
t.test('real traffic', { skip: real ? false : noData('mptcp-v0.pcap') }, async (t) => {
  copyFileSync(real!, join(scratch, 'real.pcap'));
  const { code, stdout } = await npmStart(t, ['real.pcap']);
  t.equal(code, 0);
  t.match(stdout, /both files hold the same packets: 264 packets/);
});

t.test('a truncated file: what was there is compared, and the exit code says so', async (t) => {
  const whole = classic(
    [1, 2, 3].map((n) => ({ data: new Uint8Array(60).fill(0xff), time: [n, 0] as [number, number] })),
  );
  writeFileSync(join(scratch, 'cut.pcap'), whole.subarray(0, whole.length - 5));
  const { code, stdout, stderr } = await npmStart(t, ['cut.pcap']);
  t.equal(code, 1);
  t.match(stderr, /cut.pcap: byte \d+: packet 3/);
  t.match(stdout, /both files hold the same packets: 2 packets/);
});

t.test('wrong usage', async (t) => {
  const missing = await npmStart(t, ['nope.pcap']);
  t.equal(missing.code, 1);
  t.match(missing.stderr, /nope.pcap: no such file/);
  t.equal((await npmStart(t, ['a.pcap', 'b.pcap'])).code, 2);
  t.equal((await npmStart(t, ['--fast'])).code, 2);
  const help = await npmStart(t, ['--help']);
  t.equal(help.code, 0);
  t.match(help.stdout, /npm start -- file.pcap/);
});
