// As fast as dgram sends: 64 datagrams are on their way at any time.
import { createSocket } from 'node:dgram';
import { args } from './arguments';

const { port, frame } = args as typeof args & { port: number };
const socket = createSocket('udp4');
const payload = Buffer.alloc(Math.max(4, frame - 42));
let number = 0;

function send(): void {
  payload.writeUInt32LE(number++ >>> 0, 0);
  socket.send(payload, send);
}

socket.on('error', () => process.exit(1));
socket.connect(port, '127.0.0.1', () => {
  for (let k = 0; k < 64; k++) send();
});
setTimeout(() => process.exit(0), 1000 * (args.warmUp + args.seconds) + 5000);
