// What opening a port adds to the resident memory of the process.
import { readFileSync } from 'node:fs';
import { netmap } from '../library';
import { args, tell } from './arguments';

function resident(): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]) / 1024;
}

netmap.probe(); // loads the addon
netmap.open(args.b).close(); // and the code that opens ports
const before = resident();
const port = netmap.open(args.b);
const after = resident();
tell('result', { resident: after - before });
process.stdin.once('data', () => port.close()); // the folder is looked at meanwhile
process.stdin.once('data', () => process.stdin.destroy());
