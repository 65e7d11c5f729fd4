import t, { type Test } from 'tap';
import './support/engine-folder';
import { Cli, run, type CliResult } from './support/cli';

/** The line of each interval, as pkt-gen has it. */
const RATE_LINE =
  /^\d{3}\.\d{6} main_thread \[\d+\] [\d.]+ [KMG]?pps \([\d.]+ [KMG]?pkts [\d.]+ [KMG]?bps in \d+ usec\) [\d.]+ avg_batch \d+ min_space$/m;

function pktGen(t: Test, ...args: string[]): Promise<CliResult> {
  return run(t, ['pkt-gen', ...args], { env: { NODE_NETMAP_DEVICE: 'engine' } });
}

t.test('tx and rx: the lines of pkt-gen, packet by packet what it sends', async (t) => {
  const receiver = new Cli(t, ['pkt-gen', '-i', 'vale0:b', '-f', 'rx', '-X', '-n', '3', '-T', '100']);
  await receiver.said(/^Receiving from vale0:b: 1 queues, 1 threads and 1 cpus\.$/m);
  const range = '10.0.0.1:5-10.0.0.2:6';
  const sent = await pktGen(t, '-ivale0:a', '-ftx', '-n3', '-s', range, '-D', '2:0:0:0:0:b');
  t.equal(sent.code, 0);
  t.match(sent.stdout, `Sending on vale0:a: 1 queues, 1 threads and 1 cpus.\n`);
  t.match(sent.stdout, `${range} -> 10.1.0.1 (00:00:00:00:00:00 -> 02:00:00:00:00:0b)\n`);
  t.match(sent.stdout, /^Sent 3 packets 180 bytes 1 events 60 bytes each in 0\.\d\d seconds\.$/m);
  t.match(
    sent.stdout,
    /^Speed: [\d.]+ [KMG]?pps Bandwidth: [\d.]+ [KMG]?bps \(raw [\d.]+ [KMG]?bps\)\. Average batch: 3\.00 pkts$/m,
  );
  t.match(sent.stderr, /^\d{3}\.\d{6} main \[3342\] --- SPECIAL OPTIONS: copy\n$/m);
  t.match(sent.stderr, RATE_LINE, 'however short it was');
  t.match(sent.stderr, /^\d{3}\.\d{6} extract_ip_range \[477\] range is 10\.0\.0\.1:5 to 10\.0\.0\.2:6$/m);
  const got = await receiver.ended;
  t.equal(got.code, 0);
  t.match(got.stderr, RATE_LINE);
  t.match(got.stdout, /^Received 3 packets 180 bytes \d events 60 bytes each in/m);
  // What pkt-gen itself sends: low delay, no fragments, its own text; ports go first, then addresses.
  const dumped = got.stdout.split('\n').filter((line) => /^ +\d+: /.test(line));
  t.match(dumped[0], '    0: 02 00 00 00 00 0b 00 00 00 00 00 00 08 00 45 10 ');
  t.match(dumped[1], '   16: 00 2e 00 00 40 00 40 11 26 ad 0a 00 00 01 0a 01 ');
  t.match(dumped[2], '   32: 00 01 00 05 04 d2 00 1a 1a 4d 6e 65 74 6d 61 70 ');
  t.match(dumped[3], '   48: 20 70 6b 74 2d 67 65 6e 20 44 49 52 ');
  t.match(dumped[6], '   32: 00 01 00 06 04 d2 00 1a 1a 4c ');
  t.match(dumped[9], '   16: 00 2e 00 00 40 00 40 11 26 ac 0a 00 00 02 0a 01 ');
});

t.test('txseq and rxseq; a rate, an average, plain numbers', async (t) => {
  const receiver = new Cli(t, ['pkt-gen', '-i', 'vale1:b', '-f', 'rxseq']);
  await receiver.said(/^Receiving from/m);
  const sender = new Cli(t, ['pkt-gen', '-i', 'vale1:a', '-f', 'txseq', '-R', '2000', '-T', '50', '-ANl80', '-6']);
  await sender.said(/^Sending on/m);
  await new Promise((done) => setTimeout(done, 300));
  const sent = await sender.stop('SIGINT');
  t.equal(sent.code, 0);
  t.match(sent.stderr, /pps \[avg\/std \d+ \/\d+  pps\]\(\d+ pkts \d+ bps in \d+ usec\)/);
  t.match(sent.stderr, /sigint_h \[574\] received control-C/);
  const got = await receiver.stop('SIGINT');
  const count = (text: string) => Number(/(?:Sent|Received) (\d+) packets/.exec(text)?.[1]);
  t.ok(count(sent.stdout) > 0);
  t.equal(count(got.stdout), count(sent.stdout));
  t.notMatch(got.stderr, /Sequence|too small/);
});

t.test('txseq -F: each slot is a packet with a number, and rxseq sees that frames have as many slots', async (t) => {
  const receiver = new Cli(t, ['pkt-gen', '-i', 'vale4:b', '-f', 'rxseq', '-X']);
  await receiver.said(/^Receiving from/m);
  const args = ['-i', 'vale4:a', '-f', 'txseq', '-F', '3', '-b', '7', '-R', '3000', '-s', '10.0.0.1-10.0.0.9'];
  const sender = new Cli(t, ['pkt-gen', ...args, '-n', '1', '-v']);
  await receiver.said(/^   32: .* 00 00 00 0b /m);
  const sent = await sender.stop('SIGINT');
  t.match(sent.stderr, /txseq_body \[\d+\] Ignoring -n argument$/m);
  t.match(
    sent.stderr,
    /main \[\d+\] nifp at offset \d+ ntxqs 1 nrxqs 1 memid \d+\n.* TX0 at offset 0x[0-9a-f]+ slots 1024$/m,
  );
  const got = await receiver.stop('SIGINT');
  t.notMatch(got.stderr, /Sequence|too small|frags/);
  const count = (text: string) => Number(/(?:Sent|Received) (\d+) packets/.exec(text)?.[1]);
  t.equal(count(got.stdout), count(sent.stdout));
  t.equal(count(sent.stdout) % 3, 0, 'whole frames');
  // Numbers go from slot to slot; addresses, as those of pkt-gen itself, behind the first slot of each frame.
  const rows = got.stdout.split('\n').filter((line) => /^ +(16|32): /.test(line));
  const seen = rows.slice(0, 12).map((line) => line.slice(7, 54));
  t.same(
    [0, 2, 4, 6, 8, 10].map((k) => seen[k].slice(30, 41)),
    ['0a 00 00 01', '0a 00 00 02', '0a 00 00 02', '0a 00 00 02', '0a 00 00 03', '0a 00 00 03'],
  );
  t.same(
    [1, 3, 5].map((k) => seen[k].slice(30, 41)),
    ['00 00 00 00', '00 00 00 01', '00 00 00 02'],
  );
});

t.test(
  'IPv6: the packets of pkt-gen, also those too short for their headers; behind a virtio-net header',
  async (t) => {
    const receiver = new Cli(t, ['pkt-gen', '-i', 'vale5:b', '-f', 'rx', '-X', '-n', '6']);
    await receiver.said(/^Receiving from/m);
    await pktGen(
      t,
      '-i',
      'vale5:a',
      '-f',
      'tx',
      '-n',
      '3',
      '-6',
      '-s',
      '2@[fd00::1]:7-[fd00:0:5::1]:7',
      '-d',
      'fd01::1',
    );
    await pktGen(t, '-i', 'vale5:a', '-f', 'tx', '-n', '3', '-H', '12', '-s', '10.0.0.1:1-10.0.0.1:2');
    const { stdout } = await receiver.ended;
    const dumped = stdout.split('\n').filter((line) => /^ +\d+: /.test(line));
    t.match(dumped[1], '   16: 00 00 00 06 11 40 fd 00 00 00 00 00 00 00 00 00 ');
    t.match(dumped[3], '   48: 00 00 00 00 00 01 00 07 04 d2 00 06 ');
    t.match(dumped[5], '   16: 00 00 00 06 11 40 fd 00 00 00 00 01 00 00 00 00 ');
    t.match(dumped[9], '   16: 00 00 00 06 11 40 fd 00 00 00 00 02 00 00 00 00 ');
    t.same(
      [14, 18, 22].map((k) => dumped[k].slice(7, 36)),
      ['00 01 00 01 04 d2 00 1a 1a 51 ', '00 01 00 02 04 d2 00 1a 1a 50 ', '00 01 00 01 04 d2 00 1a 1a 51 '].map((x) =>
        x.slice(0, 29),
      ),
      'its checksum follows',
    );
  },
);

t.test('ping and pong', async (t) => {
  const pong = new Cli(t, ['pkt-gen', '-i', 'vale2:b', '-f', 'pong']);
  await pong.said(/^Working on vale2:b: /m);
  const ping = await pktGen(t, '-i', 'vale2:a', '-f', 'ping', '-n', '50');
  t.equal(ping.code, 0);
  t.match(ping.stderr, /ping_body \[\d+\] count 50 RTT: min \d+ av \d+ ns$/m);
  t.match(ping.stderr, /ping_body \[\d+\] k: \d+ \.\. \d+\n\t( +\d+)+$/m);
  t.match(ping.stderr, /ping_body \[\d+\] RTT over 50 packets: min \d+ av \d+ ns$/m);
  const bursts = await pktGen(t, '-i', 'vale2:a', '-f', 'ping', '-n', '50', '-b', '8');
  t.match(bursts.stderr, /ping_body \[\d+\] RTT over 50 packets: min \d+ av \d+ ns$/m);
  t.equal((await pong.stop('SIGINT')).code, 0);
});

t.test('threads, rings, sizes, slots, rubbish', async (t) => {
  const two = await pktGen(t, '-i', 'vale3:a', '-f', 'tx', '-C', '512,512,2', '-p', '2', '-n', '2000', '-a0', '-c2');
  t.match(two.stdout, /^Sending on vale3:a: 2 queues, 2 threads and 2 cpus\.$/m);
  t.match(two.stdout, /^Sent 2000 packets 120000 bytes /m);
  const sizes = await pktGen(t, '-i', 'null', '-f', 'tx', '-l', '100', '-l', '60', '-n', '400', '-F', '2', '-z');
  t.match(sizes.stdout, /^Sent 400 packets 31\d{3} bytes \d+ events 79 bytes each/m);
  const patient = new Cli(t, ['pkt-gen', '-i', 'vale3:w', '-f', 'rx', '-W', '-T', '200']);
  await new Promise((done) => setTimeout(done, 1500));
  await pktGen(t, '-i', 'vale3:b', '-f', 'tx', '-n', '10');
  t.match(
    (await patient.ended).stdout,
    /^Received 10 packets/m,
    '-W: a second of silence counts from the first packet on',
  );
  const rubbish = await pktGen(t, '-i', 'null', '-f', 'tx', '-r', '-n', '1000', '-l', '300');
  t.match(rubbish.stdout, /^Sent 1000 packets 300000 bytes 2 events 300 bytes each/m);
});

t.test('what makes no sense is said, with the exit code of pkt-gen', async (t) => {
  const cases: [args: string[], text: RegExp][] = [
    [['-f', 'tx'], /missing ifname/],
    [['-i', 'vale0:a', '-l', '9'], /bad pktsize 9 \[16\.\.65536\]/],
    [['-i', 'vale0:a', '-q'], /invalid option -- 'q'/],
    [['-i', 'vale0:a', '-n'], /option requires an argument -- 'n'/],
    [['-i', 'vale0:a', '-s', '10.0.0'], /invalid IPv4 address '10\.0\.0'/],
    [['-i', 'vale0:a', '-D', 'nobody'], /invalid MAC address 'nobody'/],
    [['-i', 'tap0'], /no netmap port/],
    [['-i', 'vale0:*?'], /bad port name[^]*aborting/],
  ];
  const all = await Promise.all(cases.map(([args]) => pktGen(t, ...args)));
  all.forEach(({ code, stderr }, k) => {
    t.equal(code, 255, cases[k][0].join(' '));
    t.match(stderr, cases[k][1]);
  });
  const help = await pktGen(t, '-h');
  t.match(help, { code: 0, stderr: /^Usage:\npkt-gen arguments/ });
});
