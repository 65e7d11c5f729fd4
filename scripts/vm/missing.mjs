// What the machine needs before it can be booted. All of it is the user's: none of it is downloaded or shipped.
import { accessSync, constants, existsSync, readFileSync, realpathSync } from 'node:fs';

const DOCS = 'see docs/kernel.md';
const PROGRAMS = [
  ['qemu-system-x86_64', 'qemu-system-x86'],
  ['busybox', 'busybox-static'],
  ['cpio', 'cpio'],
];

/** Either the reason why nothing can be run, in one line, or where everything is. */
export function missing({ module, kernel, pktGen }) {
  const because = (reason) => ({ reason });
  if (process.platform !== 'linux' || process.arch !== 'x64') return because('the kernel tests need Linux on x86-64');
  if (!module) return because(`no netmap module: say where yours is with --module FILE (${DOCS})`);
  if (!existsSync(module)) return because(`there is no netmap module ${module}: build one (${DOCS})`);
  const programs = {};
  for (const [program, debian] of PROGRAMS) {
    programs[program] = find(program);
    if (!programs[program]) return because(`${program} is not installed ("apt-get install ${debian}")`);
  }
  // Inside there are no libraries before the file system of this machine is there.
  if (isDynamic(programs.busybox)) {
    return because('busybox is linked to libraries ("apt-get install busybox-static")');
  }
  const release = kernel ?? releaseOf(module);
  if (!release) return because(`${module} does not say which kernel it is for: is it one? Give --kernel RELEASE`);
  const image = `/boot/vmlinuz-${release}`;
  if (!existsSync(image)) return because(`there is no ${image} ("apt-get install linux-image-${release}")`);
  if (!readable(image)) return because(`${image} cannot be read by you ("chmod a+r ${image}")`);
  if (!existsSync(`/lib/modules/${release}/modules.dep`)) {
    return because(`there are no modules of ${release} ("apt-get install linux-image-${release}")`);
  }
  if (pktGen && !existsSync(pktGen)) return because(`there is no pkt-gen at ${pktGen}`);
  if (!existsSync(new URL('../../test/.build/202-conformance-kernel.test.js', import.meta.url))) {
    return because('the tests are not compiled ("node scripts/setup.mjs --tests")');
  }
  return { found: { module: realpathSync(module), release, image, programs } };
}

/** The kernel release in a module's "vermagic". */
export function releaseOf(module) {
  return /\0vermagic=(\S+)/.exec(readFileSync(module, 'latin1'))?.[1];
}

function find(program) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.map((folder) => `${folder}/${program}`).find((path) => existsSync(path));
}

/** Whether a program (ELF, 64 bits) names the loader that brings it its libraries. */
function isDynamic(path) {
  const elf = readFileSync(path);
  const [PT_INTERP, start, size, count] = [
    3,
    Number(elf.readBigUInt64LE(32)),
    elf.readUInt16LE(54),
    elf.readUInt16LE(56),
  ];
  return Array.from({ length: count }, (_, k) => elf.readUInt32LE(start + k * size)).includes(PT_INTERP);
}

function readable(path) {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
