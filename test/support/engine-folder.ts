import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';

// With NODE_NETMAP_DEVICE=kernel the tests are run for the kernel's sake; tap has no way to end a whole file from an import.
if (process.env.NODE_NETMAP_DEVICE === 'kernel') {
  t.plan(0, 'about the engine alone');
  process.exit(0);
}

/**
 * An engine folder of its own for this test file and its children, on the same kind of file system as the default one.
 * Import it before anything that opens a port.
 */
export const folder = mkdtempSync(join(existing(['/dev/shm', tmpdir()]), 'node-netmap-suite-'));
process.env.NODE_NETMAP_DIR = folder;
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

/** What lies in the folder now. */
export function contents(): string[] {
  return readdirSync(folder);
}

function existing(folders: string[]): string {
  return folders.find((path) => {
    try {
      readdirSync(path);
      return true;
    } catch {
      return false;
    }
  })!;
}
