// The sink: how fast it takes packets from a pipe, and looks into them.
import { netmap } from '../library';
import { args, tell } from './arguments';
import { measureApp } from './app-window';

type Options = NonNullable<ConstructorParameters<typeof netmap.Sink>[1]>;

const port = netmap.open(args.b);
const view = new netmap.PacketView(port.u8);
let sum = 0;

/** Reads a field of each header, as a program would that looks at packets. */
function read(_: Uint8Array, offset: number, length: number): void {
  view.parse(offset, length);
  if (view.has(netmap.LAYER.UDP)) {
    sum = (sum + view.ethernet.etherType + view.ipv4.ttl + (view.ipv4.src | 0) + view.udp.dstPort) | 0;
  }
}

const MODES: Record<string, Options> = {
  count: {},
  'headers in TypeScript': { hook: read },
  check: { check: true },
  flows: { flows: true },
  'latency, gaps': { latency: true, gaps: true },
};

const sink = new netmap.Sink(port, MODES[args.mode]);
const measured = measureApp(sink);
tell('ready');
void measured.then((result) => {
  tell('result', { ...result, sum });
  port.close();
});
