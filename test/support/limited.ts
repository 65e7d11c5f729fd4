// Opens a port after its address space has been limited, and once more after the limit is gone.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { lib } from './library';

function limit(bytes: string): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--as=${bytes}:unlimited`]);
}

function attempt(name: string): string {
  try {
    lib.open(name, { txRings: 16, rxRings: 16, txSlots: 4096, rxSlots: 4096 }).close();
    return 'open';
  } catch (error) {
    const { code, message } = error as Error & { code: string };
    return `${code} ${message}`;
  }
}

const a = lib.open('vale0:a');
const b = lib.open('vale0:b');
const pages = Number(readFileSync('/proc/self/statm', 'latin1').split(' ')[0]);
limit(String(pages * 4096 + (64 << 20)));
const refused = attempt('vale0:c');
a.inject(Buffer.alloc(60, 0xff));
a.txSync();
b.rxSync();
const received = b.rxRings[0].available;
limit('unlimited');
const later = attempt('vale0:c');
a.close();
b.close();
console.log(JSON.stringify({ refused, later, received }));
