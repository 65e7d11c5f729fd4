import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * An engine folder of this test's own, so that nobody else's ports are in it. Import it before the library opens anything.
 * On the kernel it does nothing; there the names below keep tests apart.
 */
if (process.platform === 'linux') {
  const folder = mkdtempSync(join(process.env.NODE_NETMAP_TEST_DIR ?? '/dev/shm', 'node-netmap-test-'));
  process.env.NODE_NETMAP_DIR = folder;
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
}

export const scratch = process.env.NODE_NETMAP_DIR ?? tmpdir();

const id = process.pid.toString(36);

/** A port of a switch that no other test uses. */
export function vale(port: string): string {
  return `vale${id}:${port}`;
}

/** One end of a pipe that no other test uses. */
export function pipe(end: '{' | '}', name = '1', rest = ''): string {
  return `netmap:t${id}${end}${name}${rest}`;
}
