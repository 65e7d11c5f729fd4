import type { Benchmark } from './benchmark';
import { bridge } from './benchmarks/bridge';
import { distribute } from './benchmarks/distribute';
import { emulate, emulateChange, emulateDelay, emulateRate } from './benchmarks/emulate';
import { generate } from './benchmarks/generate';
import { portToPort } from './benchmarks/port-to-port';
import { idleCpu } from './benchmarks/idle-cpu';
import { memory } from './benchmarks/memory';
import { nullPort } from './benchmarks/null';
import { latency } from './benchmarks/ping-pong';
import { pipe } from './benchmarks/pipe';
import { pipeProcesses } from './benchmarks/pipe-processes';
import { preload } from './benchmarks/preload';
import { pingTool } from './benchmarks/ping-tool';
import { rateControl } from './benchmarks/rate-control';
import { replayRate, replayTiming } from './benchmarks/replay';
import { ringFill } from './benchmarks/ring-fill';
import { sink } from './benchmarks/sink';
import { rules } from './benchmarks/rules';
import { tables } from './benchmarks/tables';
import { schedulers } from './benchmarks/schedulers';
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
  generate,
  sink,
  rateControl,
  bridge,
  distribute,
  replayTiming,
  replayRate,
  latency,
  pingTool,
  rules,
  tables,
  portToPort,
  emulate,
  emulateDelay,
  emulateRate,
  emulateChange,
  schedulers,
  idleCpu,
  memory,
  preload,
];
