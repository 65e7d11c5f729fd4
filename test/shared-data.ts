import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** Real captures, which a plain checkout doesn't have. */
const FOLDER = resolve(__dirname, '../../../shared/data');

/** Path of a real capture, or undefined where there is none; tests skip with {@link noData} then. */
export function sharedCapture(file: string): string | undefined {
  const path = resolve(FOLDER, file);
  return existsSync(path) ? path : undefined;
}

/** Why a test on a real capture was skipped. */
export function noData(file: string): string {
  return `no real capture here: ../shared/data/${file}`;
}
