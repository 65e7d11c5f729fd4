import { closeSync, openSync, writeSync } from 'node:fs';

/** Descriptors that this process has anyway. */
const STANDARD: Record<string, number> = { '/dev/stdin': 0, '/dev/stdout': 1 };

/** Opens a file. Standard input and output may be sockets, as parents that are Node make them: those cannot be opened by name. */
export function openFile(path: string, flags: 'r' | 'w'): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO' && path in STANDARD) return STANDARD[path];
    throw error;
  }
}

/** Closes what {@link openFile} has opened. */
export function closeFile(fd: number): void {
  if (fd > 2) closeSync(fd);
}

const sleeping = new Int32Array(new SharedArrayBuffer(4));

/** As `writeSync`. A socket that Node has opened as `process.stdout` does not wait for a slow reader: so this does. */
export function writeFile(fd: number, bytes: Uint8Array, at: number, length: number): number {
  for (;;) {
    try {
      return writeSync(fd, bytes, at, length);
    } catch (error) {
      if (fd > 2 || (error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(sleeping, 0, 0, 1);
    }
  }
}
