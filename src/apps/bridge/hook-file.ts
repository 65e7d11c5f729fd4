import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { wrongType } from '../../check';
import { NetmapError } from '../../errors';
import type { FrameHook } from '../frame-hook';

/** One hook, or one for each direction. */
export type Hooks = FrameHook | readonly [FrameHook | undefined, FrameHook | undefined];

/**
 * Loads a hook from a module: its default export is a function, or an array of two for both directions.
 *
 * @throws NetmapError when the module cannot be loaded, TypeError when it exports something else
 */
export async function loadHooks(file: string): Promise<Hooks> {
  const loaded = await load(file);
  // A CommonJS module may have been compiled from `export default`.
  const { default: found } = loaded as { default: unknown };
  const hooks = typeof found === 'object' && found !== null && 'default' in found ? found.default : found;
  const isHook = (value: unknown) => typeof value === 'function' || value === undefined;
  if (typeof hooks === 'function') return hooks as FrameHook;
  if (Array.isArray(hooks) && hooks.length === 2 && hooks.every(isHook)) return hooks as unknown as Hooks;
  throw wrongType(`default export of ${file}`, 'a function, or an array of two', hooks);
}

async function load(file: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(resolve(file)).href);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const hint =
      code === 'ERR_UNKNOWN_FILE_EXTENSION'
        ? 'this Node does not read TypeScript; compile the file, or take Node 22.18 or newer'
        : undefined;
    const text = `cannot load the hook ${file}: ${message}${hint ? `; ${hint}` : ''}`;
    throw new NetmapError(text, { code: 'ERR_NETMAP_HOOK', hint });
  }
}
