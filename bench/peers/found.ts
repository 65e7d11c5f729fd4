import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether a program of this name is in the search path. */
export function found(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Why a program cannot take part; undefined when it is there. */
export function notFound(program: string, remedy: string): string | undefined {
  return found(program) ? undefined : `${program} is not installed (${remedy})`;
}
