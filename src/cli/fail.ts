import { CommanderError } from 'commander';

/** Codes of errors that a better command line would have avoided. */
const USAGE = new Set(['ERR_NETMAP_NAME', 'ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_VALUE', 'ERR_OUT_OF_RANGE']);

/** Ends the process for an error: says what it was, and sets the exit code: 1 for a failure, 2 for wrong usage. */
export function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    // Commander has written its message already. Help that was asked for is no error.
    if (error.exitCode !== 0) process.exitCode = 2;
    return;
  }
  const { code, message, stack } = (error instanceof Error ? error : new Error(String(error))) as NodeJS.ErrnoException;
  // An error without a code is none that anybody thought of: where it happened is worth knowing.
  process.stderr.write(`node-netmap: ${code === undefined ? stack : message}\n`);
  process.exitCode = code !== undefined && USAGE.has(code) ? 2 : 1;
}
