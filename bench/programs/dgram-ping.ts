import { createSocket } from 'node:dgram';
import { quantile } from '../statistics';
import { args, tell } from './arguments';

const { port } = args as typeof args & { port: number };
const socket = createSocket('udp4');
const payload = Buffer.alloc(18);
const times: number[] = [];
const opening = performance.now() + 1000 * args.warmUp;
const closing = opening + 1000 * args.seconds;
let start = 0;

function send(): void {
  start = performance.now();
  if (start >= closing) return finish();
  socket.send(payload);
}

function finish(): void {
  const sorted = Float64Array.from(times).sort();
  tell('result', {
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    'p99.9': quantile(sorted, 0.999),
    max: quantile(sorted, 1),
  });
  socket.close();
  process.exitCode = 0;
}

socket.on('message', () => {
  if (start >= opening) times.push((performance.now() - start) * 1000);
  send();
});
socket.connect(port, '127.0.0.1', send);
setTimeout(() => process.exit(1), 1000 * (args.warmUp + args.seconds) + 5000).unref();
