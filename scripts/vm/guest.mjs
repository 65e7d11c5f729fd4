// Runs inside the machine: the test files, one after the other, on the kernel device. Arguments: seconds for everything, parts.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { filesOf, PARTS } from './parts.mjs';
import { digest } from './points.mjs';

/** Longest that a file may say nothing, in seconds: then a test of it hangs. The machine is 10 to 50 times slower than usual. */
const SILENCE_SECONDS = 240;
/** A process that is still there so long after SIGKILL is stuck in the kernel; the rest goes on without it. */
const KILL_SECONDS = 10;
/** Kept back for the end, so that the results of what did run get out. */
const RESERVE = 15;
const BUILD = 'test/.build';

const [seconds, only] = process.argv.slice(2);
// Booting counts: the time is that of the whole run, and uptime begins where QEMU does, or nearly.
const uptime = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
const left = () => Number(seconds) - RESERVE - uptime();

console.log('TAP version 14');
console.log(`# Linux ${release()}, Node ${process.version}`);
const env = { ...process.env, NODE_NETMAP_DEVICE: 'kernel', TAP_TIMEOUT: seconds };
if (existsSync('/tmp/files/pkt-gen')) env.NODE_NETMAP_PKT_GEN = '/tmp/files/pkt-gen';

let number = 0;
let failures = 0;
const files = filesOf(readdirSync(BUILD), only ? only.split(',') : undefined);
// The machine has two processors. What counts the memory regions and switches of the whole kernel needs it for itself, and so
// does what measures.
for (const alone of [true, false]) {
  const queue = files.filter((file) => [PARTS.conformance, PARTS.speed].some((part) => part.test(file)) === alone);
  const work = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) await report(file);
  };
  await Promise.all(alone ? [work()] : [work(), work()]);
}
process.exitCode = failures === 0 ? 0 : 1;

/** Runs a file and prints what became of it. */
async function report(file) {
  const name = file.replace('.test.js', '');
  const begin = uptime();
  const { output, end } =
    left() <= 0
      ? { output: '', end: 'not run: the time is over' }
      : isEngineOnly(file)
        ? { output: '1..0 # SKIP about the engine alone' }
        : await run(file);
  const { lines, failed, skipped } = digest(output, end);
  const time = `time=${(uptime() - begin).toFixed(1)}s`;
  const verdict = `${failed ? 'not ok' : 'ok'} ${++number} - ${name} # ${skipped ? `SKIP ${skipped}` : time}`;
  console.log([`# Subtest: ${name}`, ...lines.map((line) => `    ${line}`), verdict].join('\n'));
  if (failed) failures++;
}

/** Such a file skips itself, too; but it takes ten seconds to get there. */
function isEngineOnly(file) {
  return readFileSync(join(BUILD, file), 'utf8').includes('./support/engine-folder');
}

/** Runs a test file; `end` says what is wrong with the way it ended, if anything is. */
function run(file) {
  const child = spawn(process.execPath, [join(BUILD, file)], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  return new Promise((done) => {
    const end = (how) => done({ output, end: how ? `${how}${errors && `: ${errors.slice(-2000)}`}` : undefined });
    let late = '';
    let stuck;
    let timer;
    const kill = () => {
      late = left() <= 0 ? 'the time is over' : `nothing for ${SILENCE_SECONDS} seconds`;
      process.kill(-child.pid, 'SIGKILL'); // its children, too
      stuck = setTimeout(() => {
        for (const each of [child, child.stdout, child.stderr]) each.unref();
        end(`${late}, and cannot be killed`);
      }, 1000 * KILL_SECONDS);
    };
    const watch = () => {
      clearTimeout(timer);
      if (!late) timer = setTimeout(kill, 1000 * Math.max(0, Math.min(SILENCE_SECONDS, left())));
    };
    watch();
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      watch();
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      clearTimeout(stuck);
      end(late || signal || (code && `exit status ${code}`));
    });
  });
}
