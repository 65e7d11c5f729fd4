import { createSocket } from 'node:dgram';
import { args, tell } from './arguments';

const socket = createSocket('udp4');
socket.on('message', (data, from) => socket.send(data, from.port, from.address));
socket.bind(0, '127.0.0.1', () => tell('ready', { port: socket.address().port }));
setTimeout(() => process.exit(0), 1000 * (args.warmUp + args.seconds) + 8000);
