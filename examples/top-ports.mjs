// An app of your own: which destination ports packets go to. One thread for all rings, or one for each ring.
//
//   node top-ports.mjs PORT [THREADS]
import { isMainThread } from 'node:worker_threads';
import { LAYER, Mover, open, PacketView, POLL, Workers } from 'node-netmap';

class TopPorts extends Mover {
  constructor(port, options) {
    super([port], options); // count, timeout and duration are what every receiver knows
    this.port = port;
    this.packet = new PacketView(port.u8);
    this.counts = new Float64Array(65536);
  }

  // Takes what is there. Called again and again while there is traffic: nothing is allocated per packet.
  round() {
    const { port, packet, counts } = this;
    port.rxSync();
    let taken = 0;
    for (const ring of port.rxRings) {
      const n = Math.min(ring.available, this.left);
      let bytes = 0;
      for (let k = 0, slot = ring.head; k < n; k++, slot = ring.next(slot)) {
        packet.parse(ring.offset(slot), ring.payloadLength(slot));
        if (packet.has(LAYER.UDP)) counts[packet.udp.dstPort]++;
        bytes += ring.payloadLength(slot);
      }
      ring.advance(n);
      this.meter.add(n, bytes);
      taken += n;
    }
    return taken;
  }

  // What is worth waking up for, when there is no traffic.
  wants() {
    return [{ port: this.port, direction: POLL.IN }];
  }

  // At the end: what was taken is given back.
  flush() {
    this.port.rxSync();
  }

  stats() {
    return this.meter.traffic();
  }

  // For reports, and for whoever asks: plain data, which Workers add up.
  details() {
    const ports = [...this.counts.entries()].filter(([, packets]) => packets > 0);
    const shares = ports.map(([port, packets]) => ({ name: `port ${port}`, packets, bytes: 0 }));
    return { shares: { ports: shares.sort((a, b) => b.packets - a.packets) } };
  }
}

// What worker threads call, one of them for each ring.
export default (port, options) => new TopPorts(port, options ?? {});

if (isMainThread) {
  const [, , name, threads] = process.argv;
  const port = open(name);
  const app = threads
    ? new Workers(port, new URL(import.meta.url), { threads: Number(threads) })
    : new TopPorts(port, {});
  process.on('SIGINT', () => app.stop());
  console.log(`counting on ${port.name}, Ctrl-C ends`);
  await app.start();
  console.log(`received ${app.stats().packets} packets`);
  for (const { name, packets } of app.details().shares?.ports.slice(0, 5) ?? []) console.log(`${name}: ${packets}`);
  port.close();
}
