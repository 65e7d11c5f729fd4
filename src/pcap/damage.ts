import { NetmapError } from '../errors';

/** The error number and call name that Node puts on errors of the file system. */
interface SystemError extends Error {
  code?: string;
  errno?: number;
  syscall?: string;
}

/**
 * A capture file that is damaged or none at all.
 *
 * @param file Name of the file
 * @param offset Byte offset of the offence
 * @param problem What was expected and what was found
 * @param hint What to do about it
 */
export function captureError(file: string, offset: number, problem: string, hint?: string): NetmapError {
  const advice = hint === undefined ? '' : `; ${hint}`;
  const message = `${file}: byte ${offset}: ${problem}${advice}`;
  return new NetmapError(message, { code: 'ERR_NETMAP_CAPTURE', position: offset, hint });
}

/**
 * What the file system refused, with the path in the message and the system's own code (`ENOENT`, `ENOSPC`, ...).
 *
 * @param action What was tried, for example `open`
 * @param path Path of the file
 * @param cause The error as Node threw it
 */
export function diskError(action: string, path: string, cause: unknown): NetmapError {
  const { code, errno, syscall, message } = cause as SystemError;
  // Node's text is "CODE: reason, call 'path'": only the reason is of use here.
  const reason = /^[A-Z0-9]+: ([^,]+)/.exec(message)?.[1] ?? message;
  return new NetmapError(`cannot ${action} ${path}: ${reason}`, {
    code: code ?? 'ERR_NETMAP_CAPTURE',
    errno: errno === undefined ? undefined : Math.abs(errno),
    syscall,
  });
}
