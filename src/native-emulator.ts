/** What the addon's emulator looks like. Internal: {@link Emulator} is what users see. */

import type { Failure, NativePort, NativeRuleset, RuleProblem } from './native';
import type { RuleLogEntry } from './ruleset/log-entry';

export interface NativeEmulatorConfig {
  seed: number;
  /** Bytes for packets. */
  memory: number;
  releaseStart: boolean;
  /** Names of the ports, as rules know them. */
  inside: string;
  outside: string;
}

/** One way through the wire. Rings: byte offsets in the regions. */
export interface NativeLane {
  from: NativePort;
  to: NativePort;
  rings: Float64Array;
  heads: Float64Array;
  toRings: Float64Array;
  toHeads: Float64Array;
  swap: boolean;
  /** Bytes of virtio-net header before frames. */
  fromHeader: number;
  toHeader: number;
}

export interface NativeEmulator {
  configure(commands: string, folder: string): { output: string; notes: string[] } | RuleProblem;
  /** Only says whether there would be a problem. */
  configure(commands: string, folder: string, trial: true): RuleProblem | Record<string, never>;
  /** Three numbers for each frame: offset, length, 1 for out; times in ns. Each gets the next id. 0 or a negative errno. */
  put(data: Uint8Array, places: Uint32Array, times: Float64Array, count: number): number;
  /**
   * In ns; Infinity: until nothing is inside. Stops when about `most` bytes have come out. How far the clock has gone, or a
   * negative errno.
   */
  advance(time: number, most: number): number;
  /** The clock, in ns. */
  now(): number;
  /** In ns; Infinity when nothing is inside. */
  next(): number;
  /**
   * What has come out, as far as there is room; four places for each packet: offset, length, id, 1 for out. Their number;
   * minus the bytes that the first one needs when it does not fit.
   */
  fetch(bytes: Uint8Array, times: Float64Array, places: Uint32Array): number;
  flush(): void;
  start(config: {
    lanes: NativeLane[];
    threads: number;
    spin: boolean;
    cores: Float64Array;
    /** 0: none. */
    realtime: number;
    /** Names of the ports, where none were given before. */
    inside: string;
    outside: string;
  }): Failure | null;
  stop(drain: boolean): void;
  /** 0: never ran, 1: runs, 2: has ended; or a negative errno that it ended by. */
  state(): number;
  /** After the end, for each lane: heads of its rx rings, then of its tx rings. */
  heads(): Float64Array;
  /** JSON. */
  report(): string;
  flows(pipe: number, most: number): string;
  drainLog(): RuleLogEntry[];
  watchDrops(on: boolean): void;
  /** How many were missed, and seven numbers for each drop: time, pipe, queue, cause, length, id, 1 for out. */
  drainDrops(): [missed: number, drops: Float64Array];
}

export type NativeEmulatorClass = new (rules: NativeRuleset, config: NativeEmulatorConfig) => NativeEmulator;
