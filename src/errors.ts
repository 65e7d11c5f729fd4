/** What a {@link NetmapError} knows besides its message. */
export interface NetmapErrorDetails {
  /** Stable name of the error, for example `ERR_NETMAP_NAME` or `ENOMEM`. */
  code: string;
  /** Error number of the system, positive. */
  errno?: number;
  /** The call that failed, for example `open`, `NIOCCTRL`, `mmap`. */
  syscall?: string;
  /** Name of the port concerned. */
  port?: string;
  /** What to do about it. */
  hint?: string;
  /** 0-based offset of the offence in the text concerned. */
  position?: number;
}

/**
 * The one class of errors that this package makes, apart from TypeError and RangeError for wrong arguments (which carry
 * a `code` too: `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`).
 *
 * | code | meaning |
 * |---|---|
 * | `ERR_NETMAP_CLOSED` | the port has been closed |
 * | `ERR_NETMAP_ENDED` | the port that this monitor watched has been closed: nothing more will come |
 * | `ERR_NETMAP_NAME` | a port name does not follow the grammar; `position` says where |
 * | `ERR_NETMAP_RULE` | a command of ipfw or dummynet is wrong; `position` says where |
 * | `ERR_NETMAP_ADDON` | the native part could not be loaded |
 * | `ERR_NETMAP_VERSION` | the kernel module speaks another version of the API |
 * | `ERR_NETMAP_DEVICE` | there is no device here: neither the kernel module nor the engine |
 * | `EBUSY`, `ENOMEM`, `EIO`, ... | what the system said; `errno` and `syscall` tell more |
 */
export class NetmapError extends Error {
  /** Stable name of the error. */
  readonly code: string;
  /** Error number of the system, positive; undefined when the error is the library's own. */
  declare readonly errno?: number;
  /** The call that failed. */
  declare readonly syscall?: string;
  /** Name of the port concerned. */
  declare readonly port?: string;
  /** What to do about it. It is part of the message, too. */
  declare readonly hint?: string;
  /** 0-based offset of the offence in a port name. */
  declare readonly position?: number;

  constructor(message: string, details: NetmapErrorDetails) {
    super(message);
    this.name = 'NetmapError';
    this.code = details.code;
    // Absent rather than undefined, so that printing an error shows only what is known.
    if (details.errno !== undefined) this.errno = details.errno;
    if (details.syscall !== undefined) this.syscall = details.syscall;
    if (details.port !== undefined) this.port = details.port;
    if (details.hint !== undefined) this.hint = details.hint;
    if (details.position !== undefined) this.position = details.position;
  }
}

/** The error of every method of a closed port. */
export function closedError(port: string): NetmapError {
  return new NetmapError(`port '${port}' is closed`, { code: 'ERR_NETMAP_CLOSED', port });
}

/** The error of waiting on a monitor whose port has gone. */
export function endedError(port: string): NetmapError {
  const hint = 'close the monitor, and open it again once its port is open';
  return new NetmapError(`the port that '${port}' watched has been closed: nothing more will come; ${hint}`, {
    code: 'ERR_NETMAP_ENDED',
    port,
    hint,
  });
}

/** The error of a second waiter, iterator, ... where there may be one. */
export function busyError(message: string, port: string): NetmapError {
  return new NetmapError(`${message} (EBUSY)`, { code: 'EBUSY', port });
}
