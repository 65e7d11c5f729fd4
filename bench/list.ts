import type { Benchmark } from './benchmark';
import { emulate, emulateDelay } from './benchmarks/emulate';
import { idleCpu } from './benchmarks/idle-cpu';
import { memory } from './benchmarks/memory';
import { nullPort } from './benchmarks/null';
import { latency } from './benchmarks/ping-pong';
import { pipe } from './benchmarks/pipe';
import { pipeProcesses } from './benchmarks/pipe-processes';
import { preload } from './benchmarks/preload';
import { ringFill } from './benchmarks/ring-fill';
import { vale } from './benchmarks/vale';
import { valeProcesses } from './benchmarks/vale-processes';
import { valeTools } from './benchmarks/vale-tools';

export const benchmarks: readonly Benchmark[] = [
  ringFill,
  nullPort,
  pipe,
  pipeProcesses,
  vale,
  valeProcesses,
  valeTools,
  latency,
  emulate,
  emulateDelay,
  idleCpu,
  memory,
  preload,
];
