import { createSocket } from 'node:dgram';
import { args, tell } from './arguments';

let received = 0;
const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });

socket.on('message', () => {
  if (received++ === 0) setTimeout(measure, 1000 * args.warmUp);
});

function measure(): void {
  const before = received;
  const start = performance.now();
  setTimeout(() => {
    tell('result', { rate: (received - before) / (performance.now() - start) / 1000 });
    process.exit(0);
  }, 1000 * args.seconds);
}

socket.bind(0, '127.0.0.1', () => tell('ready', { port: socket.address().port }));
setTimeout(() => process.exit(1), 1000 * (args.warmUp + args.seconds) + 8000);
