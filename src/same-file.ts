import { statSync } from 'node:fs';

/** Whether two paths lead to one file: writing the one would destroy what is read from the other. Devices and pipes do not count. */
export function sameFile(one: string, other: string): boolean {
  try {
    const [a, b] = [one, other].map((path) => statSync(path, { bigint: true }));
    return a.isFile() && a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false; // one of them does not exist
  }
}
