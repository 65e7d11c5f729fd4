import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { root } from './child';
import { scratch, vale } from './folder';
import { run } from './support/run';
import { open } from 'node-netmap';

const SOURCES = join(root, 'native/test/preload');
const PROGRAMS = ['calls', 'waits', 'processes', 'loops'];

const compiler = ['cc', 'gcc', 'clang'].find((name) => spawnSync(name, ['--version']).status === 0);
const skip =
  process.platform !== 'linux' ? 'preloading needs Linux' : compiler === undefined ? 'no C compiler here' : false;

t.test('C programs written for /dev/netmap', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'node-netmap-c-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const built = (name: string) => join(folder, name);
  for (const name of PROGRAMS) {
    const files = [name, 'program'].map((file) => join(SOURCES, `${file}.c`));
    const { status, stderr } = spawnSync(compiler!, ['-O1', '-pthread', '-o', built(name), ...files], {
      encoding: 'utf8',
    });
    t.equal(status, 0, `${name} compiles: ${stderr}`);
  }

  for (const name of PROGRAMS) {
    t.test(`${name}.c`, async (t) => {
      const own = mkdtempSync(join(scratch, 'c-'));
      t.teardown(() => rmSync(own, { recursive: true }));
      const { code, signal, stdout, stderr } = await run(['--', built(name)], { NODE_NETMAP_DIR: own });
      for (const [, verdict, what] of stdout.matchAll(/^(ok|not ok) \d+ - (.*)$/gm)) t.equal(verdict, 'ok', what);
      t.match(stdout, /^1\.\.\d+$/m, `runs to its end: ${stdout}${stderr}`);
      t.equal(signal, null);
      t.equal(code, 0);
      t.same(readdirSync(own), [], 'leaves nothing behind');
    });
  }

  t.test('meet ports of ours on a switch', async (t) => {
    const source = join(folder, 'sender.c');
    writeFileSync(
      source,
      `#include "${join(SOURCES, 'program.h')}"
       int main(int argc, char** argv) {
         (void)argc;
         struct port port = open_port(argv[1]);
         for (uint32_t k = 0; k < 40; ++k) queue(&port, k);
         return ioctl(port.fd, TX_SYNC, NULL) != 0 || failures > 0;
       }`,
    );
    const sender = built('sender');
    t.equal(spawnSync(compiler!, ['-o', sender, source, join(SOURCES, 'program.c')]).status, 0);
    using port = open(vale('ours'), { device: 'engine' });
    const { code, stderr } = await run(['--', sender, vale('theirs')]);
    t.equal(code, 0, stderr);
    port.rxSync();
    const [ring] = port.rxRings;
    t.equal(ring!.available, 40);
    t.equal(Buffer.from(ring!.buffer(ring!.head)).readUInt32LE(40), 0);
  });

  t.test('a statically linked one is warned of', async (t) => {
    const source = join(folder, 'static.c');
    writeFileSync(source, 'int main(void) { return 3; }');
    const { status } = spawnSync(compiler!, ['-static', '-o', built('static'), source]);
    if (status !== 0) return t.pass('no static C library here');
    const { code, stderr } = await run(['--', built('static')]);
    t.equal(code, 3);
    t.match(stderr, /statically linked/);
  });
});

t.test('run', { skip: process.platform !== 'linux' && 'preloading needs Linux' }, async (t) => {
  t.test('gives the exit code of the program', async (t) => {
    t.equal((await run(['--', 'sh', '-c', 'exit 7'])).code, 7);
    t.equal((await run(['sh', '-c', 'exit 8'])).code, 8, 'without the dashes, too');
  });

  t.test('ends by the signal that ended the program', async (t) => {
    t.equal((await run(['--', 'sh', '-c', 'kill -TERM $$'])).signal, 'SIGTERM');
  });

  t.test('passes signals on', async (t) => {
    const script = `trap 'exit 9' TERM; kill -TERM $PPID; for i in $(seq 200); do sleep 0.05; done`;
    t.equal((await run(['--', 'sh', '-c', script])).code, 9);
  });

  t.test('says when the program is not there, or none', async (t) => {
    const missing = await run(['--', 'no-such-program']);
    t.equal(missing.code, 127);
    t.match(missing.stderr, /node-netmap: program 'no-such-program' not found/);
    const folder = mkdtempSync(join(tmpdir(), 'node-netmap-run-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'text'), 'not a program', { mode: 0o600 });
    const barred = await run(['--', join(folder, 'text')]);
    t.equal(barred.code, 126);
    t.match(barred.stderr, /may not be executed/);
    t.equal((await run([])).code, 2);
  });

  t.test('keeps what was to be preloaded already', async (t) => {
    const { stdout } = await run(['--', 'sh', '-c', 'echo $LD_PRELOAD'], { LD_PRELOAD: 'libm.so.6' });
    t.match(stdout, /node_netmap_preload\.node:libm\.so\.6$/m);
  });

  t.test('leaves other programs alone', async (t) => {
    const { stdout, code } = await run(['--', 'sh', '-c', 'ls /dev/netmap 2>&1 | wc -l; echo $((1 + 1)) | cat']);
    t.equal(stdout, '1\n2\n');
    t.equal(code, 0);
  });
});
