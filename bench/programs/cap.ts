// npm's cap sending on a network interface; it is not among our dependencies, so what we use of it is declared here.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { netmap } from '../library';
import { args, tell } from './arguments';
import { rate } from './rate';

interface Capture {
  open(device: string, filter: string, bufferSize: number, buffer: Buffer): string;
  send(buffer: Buffer, length?: number): void;
}

const { device, folder, frame } = args as typeof args & { device: string; folder: string };
const { Cap } = createRequire(join(folder, 'package.json'))('cap') as { Cap: new () => Capture };

const BURST = 256;
const capture = new Cap();
capture.open(device, 'ether proto 0x9999', 1 << 20, Buffer.alloc(65535));
const packet = Buffer.from(netmap.udpFrame({ length: frame }));

function round(): number {
  for (let k = 0; k < BURST; k++) capture.send(packet, packet.length);
  return BURST;
}

tell('result', { rate: rate(round) });
process.exit(0);
