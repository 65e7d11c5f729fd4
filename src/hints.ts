/** What to do about an error of the system. */

import { errno } from './errno';
import type { ErrorContext } from './system-error';

type Hint = string | ((context: ErrorContext) => string | undefined);

const DESCRIPTORS: readonly [number, Hint][] = [
  [errno.EMFILE, 'raise the limit of open files ("ulimit -n")'],
  [errno.ENFILE, 'raise the system\'s limit of open files ("sysctl fs.file-max")'],
];

const OPEN: ReadonlyMap<number, Hint> = new Map<number, Hint>([
  [errno.ENOENT, 'load the kernel module ("modprobe netmap"), or use the engine (device: "engine")'],
  [errno.ENXIO, 'load the kernel module ("modprobe netmap"), or use the engine (device: "engine")'],
  [errno.ENODEV, 'load the kernel module ("modprobe netmap"), or use the engine (device: "engine")'],
  [errno.EACCES, 'run as root, give your user access to /dev/netmap, or use the engine (device: "engine")'],
  [errno.EPERM, 'run as root, give your user access to /dev/netmap, or use the engine (device: "engine")'],
  ...DESCRIPTORS,
]);

const REGISTER: ReadonlyMap<number, Hint> = new Map<number, Hint>([
  ...DESCRIPTORS,
  [
    errno.ENXIO,
    ({ device }) =>
      device === 'kernel'
        ? 'there is no such interface: see "ip link"'
        : 'the engine has VALE ports (vale0:a), pipes (netmap:x{1) and null ports (null:); network cards need the ' +
          'kernel module',
  ],
  [
    errno.EINVAL,
    'check ring number, memory id and mode against what the port has: host rings exist on network cards only, a ' +
      'monitor needs a port that is open already, and an MTU larger than the buffers is refused',
  ],
  [errno.EBUSY, 'somebody has the port open exclusively, or a switch has it'],
  [errno.EIO, 'the port has a virtio-net header: open it with acceptVnetHdr'],
  [errno.EOPNOTSUPP, ({ device }) => `the ${device} does not know an option of this request`],
  [
    errno.ENOMEM,
    ({ device }) =>
      device === 'kernel'
        ? 'use fewer or smaller rings, or raise ring_num, ring_size and buf_num (priv_ring_num, ... for VALE ports and ' +
          'pipes) in /sys/module/netmap/parameters; a switch takes 252 ports, and max_bridges limits the switches'
        : 'use fewer or smaller rings, or give /dev/shm more room',
  ],
  [
    errno.ENOSPC,
    '/dev/shm is full: give it more room ("docker run --shm-size", "mount -o remount,size="), or use less',
  ],
]);

const SYNC: ReadonlyMap<number, Hint> = new Map<number, Hint>([
  [errno.EIO, 'the interface is gone or has been stopped: close the port and open it again'],
  [errno.ENXIO, 'the port is not registered any more: close it and open it again'],
]);

const MAPS: Record<string, ReadonlyMap<number, Hint>> = {
  open: OPEN,
  NIOCTXSYNC: SYNC,
  NIOCRXSYNC: SYNC,
  poll: SYNC,
};

export function hintFor(number: number, context: ErrorContext): string | undefined {
  if (context.call === 'version') return 'load a module of the right version, or use the engine (device: "engine")';
  if (context.call === 'ArrayBuffer') return 'run it under Node; Electron and V8 sandbox builds allow no zero copy';
  const hint = (MAPS[context.call] ?? REGISTER).get(number);
  return typeof hint === 'function' ? hint(context) : hint;
}
