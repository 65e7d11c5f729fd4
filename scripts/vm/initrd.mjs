// The first file system of the machine: busybox, the modules, and what is to be run.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyModule, modulePaths } from './modules.mjs';

/** For the host's files, and for the network of the tests. */
const MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'veth', 'tun'];

/** Makes the file system under `work` and returns the path of its archive. */
export function makeInitrd({ work, release, module, programs, root, command, pktGen }) {
  const folder = join(work, 'root');
  for (const name of ['bin', 'proc', 'sys', 'dev', 'host', 'mnt', 'modules']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  copyFileSync(programs.busybox, join(folder, 'bin/busybox'));
  const order = modulePaths(release, MODULES).map((path) => copyModule(path, join(folder, 'modules')));
  writeFileSync(join(folder, 'modules/order'), order.join('\n'));
  copyFileSync(module, join(folder, 'modules/netmap.ko'));
  if (pktGen) {
    mkdirSync(join(folder, 'files'));
    copyFileSync(pktGen, join(folder, 'files/pkt-gen'));
    chmodSync(join(folder, 'files/pkt-gen'), 0o755);
  }
  writeFileSync(join(folder, 'settings'), `ROOT=${quoted(root)}\nCOMMAND=${quoted(command)}\n`);
  copyFileSync(fileURLToPath(new URL('init.sh', import.meta.url)), join(folder, 'init'));
  chmodSync(join(folder, 'init'), 0o755);
  const archive = join(work, 'initrd');
  const files = readdirSync(folder, { recursive: true }).join('\n');
  const { status, stdout, stderr } = spawnSync(programs.cpio, ['-o', '-H', 'newc', '--quiet'], {
    cwd: folder,
    input: `${files}\n`,
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`cpio failed: ${stderr}`);
  writeFileSync(archive, stdout);
  return archive;
}

export function quoted(text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
