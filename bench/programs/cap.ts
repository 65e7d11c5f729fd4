// npm's cap at both ends of a veth pair; it is not among our dependencies, so what we use of it is declared here.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { netmap } from '../library';
import { args, tell } from './arguments';

interface Capture {
  open(device: string, filter: string, bufferSize: number, buffer: Buffer): string;
  send(buffer: Buffer, length?: number): void;
  on(event: 'packet', listener: () => void): void;
  setMinBytes?(bytes: number): void;
}

const { role, device, folder, frame } = args as typeof args & { role: string; device: string; folder: string };
const { Cap } = createRequire(join(folder, 'package.json'))('cap') as { Cap: new () => Capture };

const capture = new Cap();
const buffer = Buffer.alloc(65535);
capture.open(device, role === 'send' ? 'ether proto 0x9999' : 'udp port 1234', 10 << 20, buffer);
capture.setMinBytes?.(0);
setTimeout(() => process.exit(1), 1000 * (args.warmUp + args.seconds) + 8000);
if (role === 'send') send();
else receive();

function send(): void {
  const packet = Buffer.from(netmap.udpFrame({ length: frame }));
  const turn = () => {
    for (let k = 0; k < 256; k++) capture.send(packet, packet.length);
    setImmediate(turn);
  };
  turn();
}

function receive(): void {
  let received = 0;
  let start = 0;
  let first = 0;
  // Timers may never get a turn while cap has packets, so the packets look at the clock.
  capture.on('packet', () => {
    received++;
    if (received % 256 !== 1) return;
    const now = performance.now();
    if (start === 0) start = now;
    else if (first === 0 && now - start >= 1000 * args.warmUp) {
      first = received;
      start = now;
    } else if (first !== 0 && now - start >= 1000 * args.seconds) {
      tell('result', { rate: (received - first) / (now - start) / 1000 });
      process.exit(0);
    }
  });
  tell('ready');
}
