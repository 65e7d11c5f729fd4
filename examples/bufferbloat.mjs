// Bufferbloat on a virtual clock: a flow that slows down when packets are lost, as TCP does, over 2 Mbit/s with a long queue;
// once as it is, once with CoDel. Writes the delay over time of both as a page: node bufferbloat.mjs bufferbloat.html
import { writeFileSync } from 'node:fs';
import { Emulator, Link, reportPage, udpFrame } from 'node-netmap';

const SECONDS = 20;
const RETURN = 20e6; // ns that an acknowledgement takes back
const frame = udpFrame({ length: 1200 });

/** Mean delay in ms of each tenth of a second. */
function run(management) {
  const uplink = new Link(1, { bandwidth: '2Mbit/s', delay: '20ms', queue: { packets: 1000 }, management });
  const emulator = new Emulator([uplink, 'add pipe 1 out']);
  const sent = []; // when each packet was
  const lost = [];
  emulator.on('drop', ({ id }) => lost.push(id));
  let [window, inFlight, recovery] = [10, 0, 0];
  let acks = []; // when the sender hears of those that arrived
  const tenths = Array.from({ length: 10 * SECONDS }, () => ({ sum: 0, packets: 0 }));
  for (let now = 0; now < SECONDS * 1e9; now += 1e6) {
    for (const { id, time } of emulator.advance(now)) {
      acks.push(time + RETURN);
      const tenth = tenths[Math.floor(time / 1e8)];
      tenth.sum += (time - sent[id]) / 1e6;
      tenth.packets++;
    }
    const heard = acks.filter((time) => time <= now).length;
    acks = acks.slice(heard);
    inFlight -= heard + lost.length;
    window += heard / window; // one more each round trip
    for (const id of lost.splice(0)) {
      if (id < recovery) continue; // half once for all that were under way together
      window = Math.max(2, window / 2);
      recovery = sent.length;
    }
    while (inFlight < Math.floor(window)) {
      emulator.put(frame, { time: now });
      sent.push(now);
      inFlight++;
    }
  }
  const [{ out, transit }] = emulator.stats().links;
  const rate = (8 * out.bytes) / SECONDS / 1e6;
  console.log(`${management}: ${rate.toFixed(2)} Mbit/s, delay p50 ${ms(transit.p50)}, p99 ${ms(transit.p99)}`);
  return tenths.map(({ sum, packets }) => (packets > 0 ? sum / packets : null));
}

const ms = (ns) => `${(ns / 1e6).toFixed(0)} ms`;

const lines = ['droptail', 'codel'].map((label) => ({ label, values: run(label) }));
const seconds = lines[0].values.map((_, k) => k / 10);
const page = reportPage({
  format: 1,
  tool: 'bufferbloat',
  device: 'virtual clock',
  ports: [],
  started: new Date().toISOString(),
  seconds: SECONDS,
  series: { seconds: [] },
  histograms: {},
  shares: {},
  curves: [{ title: 'Delay over time', x: { label: 'seconds', values: seconds }, y: { label: 'ms' }, lines }],
  summary: {},
});
writeFileSync(process.argv[2] ?? 'bufferbloat.html', page);
