import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

/** Error numbers of this system by name; a number that the system does not know is -1. */
export const errno = {
  EACCES: constants.errno.EACCES ?? -1,
  EBADF: constants.errno.EBADF ?? -1,
  EBUSY: constants.errno.EBUSY ?? -1,
  EEXIST: constants.errno.EEXIST ?? -1,
  EFAULT: constants.errno.EFAULT ?? -1,
  EINTR: constants.errno.EINTR ?? -1,
  EINVAL: constants.errno.EINVAL ?? -1,
  EIO: constants.errno.EIO ?? -1,
  EMFILE: constants.errno.EMFILE ?? -1,
  EMSGSIZE: constants.errno.EMSGSIZE ?? -1,
  ENFILE: constants.errno.ENFILE ?? -1,
  ENODEV: constants.errno.ENODEV ?? -1,
  ENOENT: constants.errno.ENOENT ?? -1,
  ENOMEM: constants.errno.ENOMEM ?? -1,
  ENOSPC: constants.errno.ENOSPC ?? -1,
  ENOSYS: constants.errno.ENOSYS ?? -1,
  ENXIO: constants.errno.ENXIO ?? -1,
  EOPNOTSUPP: constants.errno.EOPNOTSUPP ?? -1,
  EPERM: constants.errno.EPERM ?? -1,
  EPROTO: constants.errno.EPROTO ?? -1,
} as const;

/** Name of a (positive) error number: `ENOMEM`. */
export function errnoName(number: number): string {
  for (const [name, value] of Object.entries(errno)) if (value === number) return name;
  return getSystemErrorMap().get(-number)?.[0] ?? `E${number}`;
}

/** What the system says about a (positive) error number: `not enough memory`. */
export function errnoText(number: number): string {
  return getSystemErrorMap().get(-number)?.[1] ?? `error ${number}`;
}
