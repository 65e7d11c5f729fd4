import './folder';
import t from 'tap';
import { Emulator, udpFrame, type EmulatedPacket } from 'node-netmap';

const MS = 1e6;

/** xorshift32: the same in each run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** A frame of UDP with its number and its flow in the payload. */
function frame(flow: number, number: number, length: number): Uint8Array {
  const bytes = Buffer.from(
    udpFrame({ length, srcIp: `10.0.0.${1 + flow}`, dstIp: '10.1.0.1', srcPort: 1000 + flow, dstPort: 9 }),
  );
  bytes.writeUInt32BE(flow, 42);
  bytes.writeUInt32BE(number, 46);
  return bytes;
}

const TYPES = ['fifo', 'rr', 'wf2q+', 'qfq', 'prio', 'fq_codel', 'fq_pie'];
const MANAGED = [
  '',
  '',
  '',
  ' red 0.1/3/10/0.5',
  ' gred 0.1/3/10/0.5 ecn',
  ' codel target 1ms interval 5ms',
  ' pie target 1ms',
];

/** A command that changes what packets wait for. */
function anyCommand(random: (below: number) => number, orderly: boolean): string {
  const pipe = 1 + random(3);
  const queue = 1 + random(3);
  const pick = (list: readonly string[]) => list[random(list.length)];
  const bandwidth = pick(['0', '64Kbit/s', '1.5Mbit/s', '20Mbit/s', '999999937bit/s']);
  const mask = pick(['', '', ' mask src-ip /32', ' mask all', ' mask src-port 0x3']);
  const spoiled = orderly
    ? ''
    : pick([
        '',
        '',
        ' jitter 3ms,normal,reorder',
        ' reorder 10%,4ms',
        ' duplicate 20%',
        ' corrupt 5%',
        ' delay-limit 4KB',
      ]);
  const lossy = pick(['', '', ' plr 0.1', ' plr 0.01,0.1,0.9,0.3', ' ber 1e-5', ' burst 10K', ' jitter 3ms']);
  switch (random(9)) {
    case 0:
      return `pipe ${pipe} config bw ${bandwidth} delay ${random(20)}ms${mask}${lossy}${spoiled} queue ${1 + random(40)}${pick(MANAGED)}`;
    case 1:
      return `pipe ${pipe} config bw ${bandwidth} delay ${random(20)} queue ${2 + random(20)}KB${mask}${lossy} sched ${pick(TYPES)}`;
    case 2:
      return `pipe ${pipe} change bw ${bandwidth}`;
    case 3:
      return `pipe ${pipe} change delay ${random(30)}ms`;
    case 4:
      return `pipe ${pipe} change queue ${1 + random(30)}`;
    case 5:
      return `sched ${pipe} config type ${pick(TYPES)}${pick(['', ' mask src-ip /32'])}`;
    case 6:
      return `queue ${queue} config pipe ${queue} weight ${1 + random(100)} queue ${1 + random(30)}${mask}${pick(MANAGED)}`;
    case 7:
      return pick([`pipe delete ${pipe}`, `queue delete ${queue}`]);
    default:
      return pick([
        'sysctl net.inet.ip.dummynet.expire=1',
        'sysctl net.inet.ip.dummynet.io_fast=1',
        'sysctl net.inet.ip.dummynet.io_fast=0',
      ]);
  }
}

/** Random frames and random commands; what becomes of the frames. */
function run(seed: number, orderly: boolean) {
  const random = generator(seed);
  const emulator = new Emulator(
    [
      'pipe 1 config bw 1Mbit/s delay 5ms\nqueue 1 config pipe 1 mask src-ip /32\nqueue 2 config pipe 2 weight 5',
      'add 1 pipe 1 src-port 1000-1001\nadd 2 queue 1 src-port 1002-1003\nadd 3 queue 2 src-port 1004-1005\nadd 4 pipe 2 src-port 1006\nadd 5 queue 3',
    ],
    { seed },
  );
  const out: EmulatedPacket[] = [];
  const ways: string[] = [];
  const wrong: string[] = [];
  let put = 0;
  let time = 0;
  function check(step: number | string): void {
    const { drops, inside } = emulator.stats();
    const dropped = Object.values(drops).reduce((sum, n) => sum + n, 0);
    const accounted = out.length + inside + dropped;
    if (orderly ? accounted !== put : accounted < put)
      wrong.push(
        `step ${step}: put ${put}, out ${out.length}, inside ${inside}, ${JSON.stringify(drops)}; ${ways.join('; ')}`,
      );
  }
  for (let step = 0; step < 400; step++) {
    time += random(3) ? random(MS) : random(40 * MS);
    for (let n = random(6); n > 0; n--) emulator.put(frame(random(9), put++, 60 + random(1400)), { time });
    out.push(...emulator.advance(time));
    if (random(8)) continue;
    const command = anyCommand(random, orderly);
    try {
      emulator.apply(command);
      ways.push(`${put} ${command}`);
    } catch {
      // there was nothing to be deleted or changed
    }
    check(step);
  }
  out.push(...emulator.advance(time + 100e9));
  check('end');
  return { out, put, emulator, wrong };
}

t.test(
  'whatever is commanded: what was put in is out, inside or dropped for a cause; each flow keeps its order',
  (t) => {
    for (let seed = 1; seed <= 40; seed++) {
      const { out, wrong } = run(seed * 7919, true);
      t.strictSame(wrong.slice(0, 1), [], `seed ${seed}`);
      const last = new Map<number, number>();
      let behind = 0;
      for (const [k, { data, time }] of out.entries()) {
        const view = Buffer.from(data.buffer, data.byteOffset, data.length);
        const flow = view.readUInt32BE(42);
        const number = view.readUInt32BE(46);
        if (number <= (last.get(flow) ?? -1)) behind++;
        last.set(flow, number);
        if (k > 0 && time < out[k - 1].time) behind++;
      }
      t.equal(behind, 0, `seed ${seed}: order`);
    }
    t.end();
  },
);

t.test('with duplicates, damage and overtaking on purpose: nothing comes from nowhere, times do not go back', (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const { out, put, wrong } = run(seed * 104729, false);
    t.strictSame(wrong.slice(0, 1), [], `seed ${seed}`);
    t.ok(out.length <= 2 * put);
    t.ok(out.every(({ time }, k) => k === 0 || time >= out[k - 1].time));
  }
  t.end();
});

t.test('the same seed and the same commands, the same packets at the same times', (t) => {
  const digest = (seed: number) =>
    run(seed, false).out.map(({ time, data }) => `${time} ${Buffer.from(data).toString('hex')}`);
  t.strictSame(digest(99), digest(99));
  t.notSame(digest(99), digest(98));
  t.end();
});
