/** What main thread and workers tell one another. All of it is plain data. */

import type { PortOptions } from '../../spec';
import type { Details } from '../details';
import type { Traffic } from '../meter';

/** What a worker is started with. */
export interface Assignment {
  /** Name of the port, and what to open of it. */
  port: string;
  open: PortOptions;
  /** One of the apps of this package, or a module that makes one. */
  app: string;
  module: string | undefined;
  /** For the app. */
  options: unknown;
  /** Which worker this is, and of how many. */
  index: number;
  threads: number;
  /** How often it tells its stats, in ms. */
  every: number;
}

/** Main thread to worker. */
export type Order = 'start' | 'stop' | 'tell';

/** Worker to main thread. */
export type Word =
  | { type: 'ready' }
  | { type: 'stats'; stats: Traffic }
  /** The end, with everything there is to tell. */
  | { type: 'done'; stats: Traffic; details: Details }
  | { type: 'failed'; error: PlainError; stats?: Traffic; details?: Details };

/** What is left of an error on its way between threads, and enough to make one like it. */
export interface PlainError {
  name: string;
  message: string;
  stack?: string;
  details: Record<string, unknown>;
}
