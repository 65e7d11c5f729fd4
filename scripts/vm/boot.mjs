// Boots the machine and hands on what the tests in it say, line by line.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { makeInitrd, quoted } from './initrd.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const MEMORY = '4096M';

/**
 * How it ended: the last word of the machine, whether the time was over, and the kernel's messages.
 */
export async function boot({ work, image, programs, seconds, only, pktGen, line, ...rest }) {
  const tell = [process.execPath, 'scripts/vm/guest.mjs', String(seconds), (only ?? []).join(',')];
  const command = tell.map(quoted).join(' ');
  const initrd = makeInitrd({ ...rest, work, programs, root: ROOT, command, pktGen });
  const kernelLog = join(work, 'kernel.log');
  const child = spawn(
    programs['qemu-system-x86_64'],
    [
      ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', MEMORY, '-nic', 'none', '-no-reboot'],
      ...['-display', 'none', '-monitor', 'none', '-serial', `file:${kernelLog}`, '-serial', 'stdio'],
      ...['-fsdev', 'local,id=host,path=/,security_model=none,readonly=on,multidevs=remap'],
      ...['-device', 'virtio-9p-pci,fsdev=host,mount_tag=host'],
      ...['-kernel', image, '-initrd', initrd, '-append', 'console=ttyS0 panic=-1'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const stop = () => child.kill('SIGKILL');
  process.on('exit', stop);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    stop();
  }, 1000 * seconds);
  let last = '';
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  createInterface({ input: child.stdout }).on('line', (text) => {
    const plain = text.replace(/\r$/, '');
    if (plain.startsWith('vm: ')) last = plain.slice(4);
    else line(plain);
  });
  const failure = await new Promise((done) => {
    child.on('error', (error) => done(error.message));
    child.on('close', () => done(undefined));
  });
  clearTimeout(timer);
  process.off('exit', stop);
  return { last, late, seconds, errors: failure ?? errors, kernelLog: readIf(kernelLog) };
}

function readIf(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
