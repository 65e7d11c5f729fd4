// Boots a Debian kernel in QEMU (software emulation: no KVM, no root) with a netmap.ko that you built, and tests this project on
// /dev/netmap inside: npm run test:kernel -- --module FILE. docs/kernel.md says how to come by a module.
// Prints one TAP stream and, at the end, one line with the numbers. Exit status 1 on any failure, 2 for wrong usage.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { boot } from './vm/boot.mjs';
import { missing } from './vm/missing.mjs';
import { PARTS } from './vm/parts.mjs';
import { Tally } from './vm/tally.mjs';

const USAGE = `npm run test:kernel -- --module FILE [options]
  --module FILE     netmap.ko to load
  --kernel RELEASE  kernel to boot (default: the one that the module was built for)
  --seconds N       time for everything (default 2400)
  --only NAME,...   parts (${Object.keys(PARTS).join(', ')}) or numbers of test files
  --pkt-gen FILE    upstream's pkt-gen, for a comparison of speed`;

const options = readOptions();
const lack = missing(options);
if (lack.reason) {
  console.log(`# skipped: ${lack.reason}`);
  process.exit(0);
}

const work = mkdtempSync(join(tmpdir(), 'node-netmap-vm-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const tally = new Tally();
const ending = await boot({ ...options, ...lack.found, work, line: (text) => console.log(tally.look(text)) });
tally.end(ending);
for (const text of tally.closing) console.log(text);
console.log(`kernel: ${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        module: { type: 'string' },
        kernel: { type: 'string' },
        seconds: { type: 'string', default: '2400' },
        only: { type: 'string' },
        'pkt-gen': { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    const seconds = Number(values.seconds);
    if (!(seconds > 0)) throw new Error(`--seconds takes a number of seconds, not '${values.seconds}'`);
    const only = values.only?.split(',');
    const wrong = only?.find((name) => !(name in PARTS) && !/^\d{3}$/.test(name));
    if (wrong !== undefined) throw new Error(`--only knows no '${wrong}'`);
    return { module: values.module, kernel: values.kernel, seconds, only, pktGen: values['pkt-gen'] };
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`);
    process.exit(2);
  }
}
